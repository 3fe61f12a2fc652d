// The lists of running statements and open transactions, as adapters/sql/open_writers.h needs them.
#pragma once

#include "adapters/api/waiter.h"
#include "adapters/mysql/session.h"
#include "adapters/sql/open_writers.h"

namespace qianzhi::mysql {

// reader: outside a transaction. The server may hand out a list of transactions that is a moment old; one that does not
// show the very statement that reads it is not believed. Throws misuse QZ-MY-028 without the right PROCESS, QZ-MY-044
// on a replica; unavailable QZ-MY-005 if the list is not renewed.
adapter::sql::WriterLists writer_lists(Session& reader, const Clock& clock, adapter::Waiter& waiter);

// PROCESS, to whoever is connected.
std::string process_grant(Session& session);

}  // namespace qianzhi::mysql
