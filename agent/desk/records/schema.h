// The tables of base records in desk.db: ordinary tables, which the department's own systems may read and publish.
//   base_piece    one row of a source: its codes in standard form and the record that it belongs to
//   base_record   one firm or person. record: org:CODE, reg:NUMBER, id:NUMBER, or row:KIND:SOURCE:KEY while no code is
//                 known. state: whole, or no_base while the base source has no row of it. disputed: people must look
//   base_item     the value of each item, with the source, its row and the time it is of; differs: sources that say
//                 otherwise
//   base_code     code -> record
//   base_history  every change of an item; with item '' rows that moved from one record to another (old_value ->
//                 new_value), or a record that ended (new_value NULL). What a new record began with is not in it
//   base_change   records whose content changed, like desk_change
//   base_link     codes that people gave to rows without one
//   base_mark     how far each table of changes was read
#pragma once

#include <string>

#include "agent/desk/records/config.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk::records {

// Creates what is missing, and for each kind the view base_KIND: record, state, disputed, codes and a column an item.
void create_tables(sqlite::Database& database, const RecordsConfig& config);

// Indexes that a build does without while it fills their tables: made at once over millions of rows in their order they
// cost a fraction, and the log of the database stays short.
enum class IndexSet { codes_of_pieces, records_of_pieces, records_of_codes };
void create_indexes(sqlite::Database& database, IndexSet set);  // those that are not there
void drop_indexes(sqlite::Database& database, IndexSet set);

// The view as a table that rules and lookups read.
Table table_of(const RecordKind& kind);

}  // namespace qianzhi::desk::records
