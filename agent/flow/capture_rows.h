// How publications share a source's tables: one read of a table serves all of them.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/flow/publication.h"

namespace qianzhi::flow {

// By comparison and by watermark each publication reads for itself: what is known of a row belongs to one stream.
bool shares_tables(adapter::CaptureMode mode);

// Index of the publication's table in the spec, the first if several publications read it.
std::size_t table_of(const adapter::SourceSpec& spec, const Publication& publication);
// Where mapper().columns() and old_columns() are in the table's columns.
std::vector<std::size_t> column_indexes(const adapter::SourceTable& table, const Publication& publication);
std::vector<std::size_t> old_column_indexes(const adapter::SourceTable& table, const Publication& publication);

// The columns at these indexes, copied; empty if all is empty.
std::vector<Column> pick(const std::vector<Column>& all, const std::vector<std::size_t>& indexes);

// One row as it is kept in quarantine: names, presence and text (agent/flow/record.proto Row).
Bytes encode_row(const std::vector<std::string>& names, const std::vector<std::size_t>& indexes,
                 const std::vector<Column>& columns, std::size_t row);

// The same row again as columns of one row each, in the order of names; a name that was not kept is null.
std::vector<Column> decode_row(const Bytes& octets, const std::vector<std::string>& names);

}  // namespace qianzhi::flow
