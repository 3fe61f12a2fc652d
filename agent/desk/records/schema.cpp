#include "agent/desk/records/schema.h"

#include "agent/desk/data/identifier.h"

namespace qianzhi::desk::records {

namespace {

constexpr const char* record_schema = R"sql(
CREATE TABLE IF NOT EXISTS base_piece(
  kind TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, strong TEXT NOT NULL, weak TEXT NOT NULL,
  credit TEXT NOT NULL, contradicts INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY(kind, source, key))
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS base_record(
  record TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, pieces INTEGER NOT NULL,
  disputed INTEGER NOT NULL, registration TEXT NOT NULL, organisation TEXT NOT NULL, credit TEXT NOT NULL,
  since INTEGER NOT NULL, changed INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS base_record_kind ON base_record(kind, record);
CREATE INDEX IF NOT EXISTS base_record_disputed ON base_record(kind) WHERE disputed <> 0;
CREATE TABLE IF NOT EXISTS base_item(
  record TEXT NOT NULL, item TEXT NOT NULL, value TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
  time TEXT NOT NULL, differs INTEGER NOT NULL, PRIMARY KEY(record, item)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS base_code(
  code TEXT NOT NULL, record TEXT NOT NULL, code_kind TEXT NOT NULL, PRIMARY KEY(code, record)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS base_history(
  id INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL, item TEXT NOT NULL, old_value TEXT, new_value TEXT,
  source TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS base_history_record ON base_history(record);
CREATE TABLE IF NOT EXISTS base_change(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, key TEXT NOT NULL,
  UNIQUE(source, key) ON CONFLICT REPLACE);
CREATE TABLE IF NOT EXISTS base_link(
  kind TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, strong TEXT NOT NULL, weak TEXT NOT NULL,
  who TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(kind, source, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS base_mark(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
)sql";

constexpr const char* code_indexes =
    "CREATE INDEX IF NOT EXISTS base_piece_strong ON base_piece(kind, strong, weak) WHERE strong <> '';"
    "CREATE INDEX IF NOT EXISTS base_piece_weak ON base_piece(kind, weak, strong) WHERE weak <> '';";
constexpr const char* record_indexes = "CREATE INDEX IF NOT EXISTS base_piece_record ON base_piece(kind, record);";
constexpr const char* code_record_indexes = "CREATE INDEX IF NOT EXISTS base_code_record ON base_code(record);";

std::string view_of(const RecordKind& kind) {
  std::string sql = "DROP VIEW IF EXISTS base_" + kind.id + ";\nCREATE VIEW base_" + kind.id +
                    " AS SELECT r.record, r.state, r.disputed, r.registration, r.organisation, r.credit";
  for (const RecordItem& item : kind.items)
    sql += ",\n  (SELECT value FROM base_item i WHERE i.record = r.record AND i.item = '" + item.id + "') AS " +
           identifier(item.id);
  return sql + "\n  FROM base_record r WHERE r.kind = '" + kind.id + "';\n";
}

}  // namespace

void create_tables(sqlite::Database& database, const RecordsConfig& config) {
  database.execute(record_schema);
  for (const IndexSet set : {IndexSet::codes_of_pieces, IndexSet::records_of_pieces, IndexSet::records_of_codes})
    create_indexes(database, set);
  for (const RecordKind& kind : config.kinds) database.execute(view_of(kind));
}

void create_indexes(sqlite::Database& database, IndexSet set) {
  switch (set) {
    case IndexSet::codes_of_pieces: return database.execute(code_indexes);
    case IndexSet::records_of_pieces: return database.execute(record_indexes);
    case IndexSet::records_of_codes: return database.execute(code_record_indexes);
  }
}

void drop_indexes(sqlite::Database& database, IndexSet set) {
  switch (set) {
    case IndexSet::codes_of_pieces:
      return database.execute("DROP INDEX IF EXISTS base_piece_strong; DROP INDEX IF EXISTS base_piece_weak;");
    case IndexSet::records_of_pieces: return database.execute("DROP INDEX IF EXISTS base_piece_record");
    case IndexSet::records_of_codes: return database.execute("DROP INDEX IF EXISTS base_code_record");
  }
}

Table table_of(const RecordKind& kind) {
  Table table;
  table.id = "base_" + kind.id;
  table.name = "\"main\"." + identifier(table.id);
  table.key = {"record"};
  for (const char* column : {"record", "state", "disputed", "registration", "organisation", "credit"})
    table.columns[column] = column;
  for (const RecordItem& item : kind.items) table.columns[item.id] = item.id;
  return table;
}

}  // namespace qianzhi::desk::records
