// Whether an index serves a text of the DBA's, where the database shows its plan to a query that only reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/odbc/lookup_reader.h"
#include "adapters/odbc/session.h"

namespace qianzhi::odbc {

// Tables that the database would read whole for each question, by its own plan; nothing is run. Nothing at all: it
// cannot be told here, as the dialect shows no plan or this driver passes none. In a reading transaction, which must
// end behind it.
std::optional<std::vector<std::string>> tables_read_whole(Session& session, const LookupReader& reader);

}  // namespace qianzhi::odbc
