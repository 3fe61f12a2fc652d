// The tables of a source that is read by watermarks, for adapters/sql/watermark_source.h.
#pragma once

#include <memory>
#include <string>

#include "adapters/api/adapter.h"
#include "adapters/api/waiter.h"
#include "adapters/odbc/catalog.h"
#include "adapters/odbc/session.h"
#include "adapters/sql/open_writers.h"
#include "adapters/sql/watermark_source.h"

namespace qianzhi::odbc {

// spec.mode is watermark, and the dialect offers it. clock must outlive it.
std::unique_ptr<adapter::sql::MarkedTables> make_marked_tables(const adapter::SourceSpec& spec, const Clock& clock,
                                                               std::shared_ptr<adapter::Waiter> waiter);

// Why a column cannot be a watermark here; empty: it can.
std::string unfit_mark(const Dialect& dialect, const adapter::SourceTable& wanted, const CatalogTable& table);
// A trigger that keeps the table's mark is missing or disabled.
bool lacks_mark_trigger(Session& session, const std::string& name, const adapter::SourceTable& wanted);

// Of MarkKind::listed; writer_lists.cpp. reader: outside a transaction. A list of transactions that does not show the
// very statement that reads it is not believed. Throws misuse QZ-ODB-019 on a replica, unavailable QZ-ODB-011 if the
// list is not renewed, and what rights lack.
adapter::sql::WriterLists writer_lists(Session& reader, const Clock& clock, adapter::Waiter& waiter);

}  // namespace qianzhi::odbc
