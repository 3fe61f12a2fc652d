#include "adapters/files/spool.h"

#include <sys/stat.h>

#include <algorithm>

#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/plan.h"
#include "adapters/sqlite/schema.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::files {

namespace {

sqlite::Database open_spool(const std::filesystem::path& state) {
  mkdir(state.c_str(), 0700);
  return {Spool::file_of(state), {}};
}

const TableFiles& files_of(const SourceSettings& settings, const std::string& table) {
  const auto found = std::find_if(settings.tables.begin(), settings.tables.end(),
                                  [&](const TableFiles& files) { return files.name == table; });
  if (found == settings.tables.end())
    throw Error(ErrorKind::misuse, "QZ-ADP-011", "no files are configured for table " + table);
  return *found;
}

bool has_capture(sqlite::Database& database, const SourceSpec& spec) {
  for (const lite::Trigger& trigger : lite::triggers_of(spec)) {
    sqlite::Statement query = database.prepare("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?1");
    query.bind(1, trigger.name);
    if (!query.step() || query.view(0) != trigger.text) return false;
  }
  return !lite::columns_of(database, lite::journal_table(spec.name)).empty();
}

// Names of the columns of the primary key, in its order.
std::vector<std::string> primary_key(const std::vector<lite::ColumnState>& columns) {
  std::vector<std::string> key(columns.size());
  std::size_t parts = 0;
  for (const lite::ColumnState& column : columns) {
    if (column.key == 0) continue;
    key[static_cast<std::size_t>(column.key) - 1] = column.name;
    ++parts;
  }
  key.resize(parts);
  return key;
}

}  // namespace

SourceSpec Spool::inner_spec(const SourceSettings& settings, const SourceSpec& spec) {
  SourceSpec inner = spec;
  inner.connection = {{{"file", file_of(settings.state).string()}}, {}};
  inner.mode = CaptureMode::journal;
  return inner;
}

Spool::Spool(const SourceSettings& settings, const SourceSpec& spec)
    : settings_(settings), spec_(inner_spec(settings, spec)), database_(open_spool(settings.state)) {
  struct stat file {};
  if (stat(file_of(settings.state).c_str(), &file) == 0) {
    device_ = file.st_dev;
    inode_ = file.st_ino;
  }
  create();
}

bool Spool::was_replaced() const {
  struct stat file {};
  return stat(file_of(settings_.state).c_str(), &file) != 0 || file.st_dev != device_ || file.st_ino != inode_;
}

void Spool::create() {
  sqlite::Transaction transaction(database_);
  database_.execute(
      "CREATE TABLE IF NOT EXISTS qz_file(seq INTEGER PRIMARY KEY AUTOINCREMENT, tbl TEXT NOT NULL, name BLOB NOT NULL,"
      " fingerprint TEXT NOT NULL, rows INTEGER NOT NULL, at INTEGER NOT NULL);"
      "CREATE INDEX IF NOT EXISTS qz_file_name ON qz_file(tbl, name, seq);"
      "CREATE TABLE IF NOT EXISTS qz_table(tbl TEXT PRIMARY KEY, loaded INTEGER NOT NULL);"
      "CREATE TABLE IF NOT EXISTS qz_look(tbl TEXT PRIMARY KEY, looks INTEGER NOT NULL);");
  for (const SourceTable& table : spec_.tables) ensure_table(table);
  transaction.commit();
  ensure_capture(spec_);
}

// A key that changed, or a column that is new, makes what is there too little: only another full file tells.
void Spool::ensure_table(const SourceTable& table) {
  std::vector<lite::ColumnState> present = lite::columns_of(database_, table.table);
  bool loaded = present.empty() ? files_of(settings_, table.table).full.empty() : is_loaded(table.table);
  if (!present.empty() && primary_key(present) != table.key) {
    database_.execute("DROP TABLE " + lite::id(table.table));
    database_.prepare("DELETE FROM qz_file WHERE tbl = ?1").bind(1, table.table).run();
    present.clear();
    loaded = false;
  }
  if (present.empty()) {
    std::string columns;
    for (const std::string& name : table.columns) columns += lite::id(name) + " TEXT, ";
    database_.execute("CREATE TABLE " + lite::id(table.table) + "(" + columns + "PRIMARY KEY (" +
                      sql::identifiers(sql::sqlite, table.key) + ")) WITHOUT ROWID");
    present = lite::columns_of(database_, table.table);
  }
  for (const std::string& name : table.columns) {
    const auto is_it = [&](const lite::ColumnState& column) { return column.name == name; };
    if (std::any_of(present.begin(), present.end(), is_it)) continue;
    database_.execute("ALTER TABLE " + lite::id(table.table) + " ADD COLUMN " + lite::id(name) + " TEXT");
    loaded = false;
  }
  database_.prepare("INSERT OR REPLACE INTO qz_table(tbl, loaded) VALUES (?1, ?2)")
      .bind(1, table.table)
      .bind(2, loaded ? 1 : 0)
      .run();
}

void Spool::ensure_capture(const SourceSpec& spec) {
  if (has_capture(database_, spec)) return;
  database_.execute(lite::source_plan(spec).install);
}

bool Spool::is_loaded(const std::string& table) {
  sqlite::Statement query = database_.prepare("SELECT loaded FROM qz_table WHERE tbl = ?1");
  return query.bind(1, table).step() && query.integer(0) == 1;
}

std::optional<Imported> Spool::imported(const std::string& table, const std::string& name) {
  sqlite::Statement query = database_.prepare(
      "SELECT fingerprint, seq = (SELECT max(seq) FROM qz_file WHERE tbl = ?1) FROM qz_file"
      " WHERE tbl = ?1 AND name = ?2 ORDER BY seq DESC LIMIT 1");
  if (!query.bind(1, table).bind_blob(2, name).step()) return std::nullopt;
  return Imported{query.text(0), query.integer(1) == 1};
}

void Spool::note_import(const std::string& table, const std::string& name, const std::string& fingerprint, Micros at,
                        std::uint64_t rows, bool full) {
  database_.prepare("INSERT INTO qz_file(tbl, name, fingerprint, rows, at) VALUES (?1, ?2, ?3, ?4, ?5)")
      .bind(1, table)
      .bind_blob(2, name)
      .bind(3, fingerprint)
      .bind(4, rows)
      .bind(5, at)
      .run();
  database_.prepare("UPDATE qz_table SET loaded = max(loaded, ?2) WHERE tbl = ?1")
      .bind(1, table)
      .bind(2, full ? 1 : 0)
      .run();
}

void Spool::note_look(const std::string& table) {
  database_.prepare("INSERT INTO qz_look(tbl, looks) VALUES (?1, 1) ON CONFLICT(tbl) DO UPDATE SET looks = looks + 1")
      .bind(1, table)
      .run();
}

std::int64_t Spool::looks(const std::string& table) {
  sqlite::Statement query = database_.prepare("SELECT looks FROM qz_look WHERE tbl = ?1");
  return query.bind(1, table).step() ? query.integer(0) : 0;
}

void Spool::note_unseen(const std::string& table) {
  database_.prepare("INSERT INTO " + lite::id(lite::journal_table(spec_.name)) + "(tbl, op, at) VALUES (?1, 'x', 0)")
      .bind(1, table)
      .run();
}

}  // namespace qianzhi::adapter::files
