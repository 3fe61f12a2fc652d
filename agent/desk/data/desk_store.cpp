#include "agent/desk/data/desk_store.h"

#include <algorithm>

#include "agent/desk/data/sql_text.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/sqlite/format.h"

namespace qianzhi::desk {

namespace {

// Results of millions of rows pass through temporary tables: on disk, with a bounded cache. A log that was long once
// gives its room back.
constexpr const char* settings =
    "PRAGMA temp_store=FILE; PRAGMA main.cache_size=-32768; PRAGMA temp.cache_size=-32768; PRAGMA cache_spill=ON;"
    "PRAGMA main.journal_size_limit=67108864";
constexpr std::size_t most_days_off = 20'000;  // of a century, and more
constexpr const char* received_cache = ".cache_size=-65536";

constexpr const char* schema =
    "CREATE TABLE IF NOT EXISTS desk_mark(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS finding("
    "  id INTEGER PRIMARY KEY, rule TEXT NOT NULL, subject TEXT NOT NULL, party TEXT NOT NULL DEFAULT '',"
    "  area TEXT NOT NULL DEFAULT '', title TEXT NOT NULL DEFAULT '', since TEXT NOT NULL DEFAULT '',"
    "  level TEXT NOT NULL, found INTEGER NOT NULL, changed INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0,"
    "  detail TEXT NOT NULL DEFAULT '{}', UNIQUE(rule, subject, party));"
    "CREATE INDEX IF NOT EXISTS finding_changed ON finding(changed);";

// PRAGMA user_version. Greater when an older program would no longer understand what is kept.
constexpr int desk_format = 1;

const std::filesystem::path& checked(const std::filesystem::path& file) {
  sqlite::refuse_newer(file, desk_format);
  return file;
}

sqlite::OpenOptions options() {
  sqlite::OpenOptions options;
  options.attaches = true;
  return options;
}

[[noreturn]] void fail_table(const std::string& detail) { throw Error(ErrorKind::misuse, "QZ-DSK-001", detail); }

std::vector<std::string> columns_of(sqlite::Database& database, const TablePlace& place) {
  std::vector<std::string> columns;
  SqlText sql("SELECT name FROM pragma_table_info(");
  sql.bind(place.table).add(", ").bind(place.database).add(")");
  for (sqlite::Statement row = sql.on(database); row.step();) columns.push_back(row.text(0));
  return columns;
}

// Columns that lead an index or the primary key.
std::set<std::string> indexed_columns(sqlite::Database& database, const TablePlace& place) {
  std::set<std::string> columns;
  SqlText sql("SELECT i.name FROM pragma_index_list(");
  sql.bind(place.table).add(", ").bind(place.database).add(") l, pragma_index_info(l.name, ").bind(place.database);
  sql.add(") i WHERE i.seqno = 0 AND l.partial = 0 UNION SELECT name FROM pragma_table_info(");
  sql.bind(place.table).add(", ").bind(place.database).add(") WHERE pk = 1");
  for (sqlite::Statement row = sql.on(database); row.step();) columns.insert(row.text(0));
  return columns;
}

bool is_view(sqlite::Database& database, const TablePlace& place) {
  SqlText sql("SELECT count(*) FROM " + identifier(place.database) + ".sqlite_schema WHERE type = 'view' AND name = ");
  sqlite::Statement row = sql.bind(place.table).on(database);
  return row.step() && row.integer(0) > 0;
}

// trusted_schema is off and the view is ours: its literals are ids, which hold no quotes.
std::string view_of(const TableConfig& config, const TablePlace& place, const std::vector<std::string>& columns) {
  std::string list;
  for (const auto& [item, column] : place.columns)
    list += (list.empty() ? "" : ", ") + identifier(column) + " AS " + identifier(item);
  const auto has = [&](const char* name) { return std::find(columns.begin(), columns.end(), name) != columns.end(); };
  std::string where;
  if (has("qz_deleted")) where += " WHERE qz_deleted = 0";
  if (!config.source.empty() && has("qz_origin"))
    where += (where.empty() ? " WHERE" : " AND") + std::string(" qz_origin = '") + config.source + "'";
  return "CREATE TEMP VIEW " + identifier(config.id) + " AS SELECT " + list + " FROM " + identifier(place.database) +
         "." + identifier(place.table) + where;
}

}  // namespace

DeskStore::DeskStore(DeskConfig config, const Clock& clock)
    : config_(std::move(config)),
      stated_days_(config_.holidays),
      clock_(clock),
      database_(checked(config_.database), options()) {
  database_.execute(settings);
  database_.execute(schema);
  if (database_.scalar("PRAGMA user_version") != desk_format)
    database_.execute("PRAGMA user_version=" + std::to_string(desk_format));
  for (const ReceivedFile& file : config_.received) {
    if (!std::filesystem::exists(file.file)) fail_table(file.file.string() + " is not there");
    database_.attach_read_only(file.file, file.name);
    database_.execute("PRAGMA " + file.name + received_cache);
  }
  open_tables();
  read_days_off();
}

void DeskStore::read_days_off() {
  const HolidayTable& days = config_.holiday_table;
  if (days.table.empty()) return;
  require_item(days.table, days.date);
  if (!days.kind.empty()) require_item(days.table, days.kind);
  SqlText sql("SELECT " + identifier(days.date) + ", " + (days.kind.empty() ? "'off'" : identifier(days.kind)) +
              " FROM " + table(days.table).name + " LIMIT " + std::to_string(most_days_off));
  std::set<Day> off;
  std::set<Day> work;
  for (sqlite::Statement row = sql.on(database_); row.step();) {
    const auto day = day_from(row.view(0));
    if (day && row.view(1) == "off") off.insert(*day);
    if (day && row.view(1) == "work") work.insert(*day);
  }
  config_.holidays = stated_days_.with(off, work);
}

void DeskStore::open_tables() {
  for (const auto& [id, table] : tables_) database_.execute("DROP VIEW IF EXISTS temp." + identifier(id));
  tables_.clear();
  places_.clear();
  for (const TableConfig& table : config_.tables) open_table(table);
  if (config_.find_table(finding_table) != nullptr) fail_table(std::string(finding_table) + " is the desk's own");
  TableConfig findings;
  findings.id = finding_table;
  findings.table = "finding";
  findings.key = {"id"};
  open_table(findings);
}

bool DeskStore::needs_view(const TableConfig& config, const TablePlace& place) {
  SqlText sql("SELECT count(*) FROM main.sqlite_schema WHERE lower(name) = lower(");
  sqlite::Statement row = sql.bind(config.id).add(")").on(database_);
  if (!row.step() || row.integer(0) == 0) return true;
  // A view of that name would hide the table from those who write it.
  if (place.database == "main" && place.table == config.id && config.columns.empty()) return false;
  fail_table(config.id + " is the name of a table of desk.db, too");
}

void DeskStore::open_table(const TableConfig& config) {
  TablePlace place;
  place.database = config.database.empty() ? "main" : config.database;
  place.table = config.table;
  place.key = config.key;
  const std::vector<std::string> columns = columns_of(database_, place);
  if (columns.empty() && config.database.empty()) return;
  if (columns.empty()) fail_table(config.id + ": there is no table " + config.database + "." + config.table);
  place.is_view = is_view(database_, place);
  std::map<std::string, std::string> item_of;
  for (const auto& [item, column] : config.columns) {
    if (std::find(columns.begin(), columns.end(), column) == columns.end())
      fail_table(config.id + ": " + config.table + " has no column " + column);
    item_of[column] = item;
  }
  const std::set<std::string> indexed = indexed_columns(database_, place);
  Table table{config.id, config.source, "temp." + identifier(config.id), config.key, {}};
  for (const std::string& column : columns) {
    const auto named = item_of.find(column);
    const std::string item = named == item_of.end() ? column : named->second;
    place.columns[item] = column;
    table.columns[item] = item;
    if (indexed.count(column) != 0) place.indexed.insert(item);
  }
  for (const std::string& item : config.key)
    if (place.columns.count(item) == 0) fail_table(config.id + ": " + config.table + " has no column " + item);
  if (needs_view(config, place))
    database_.execute(view_of(config, place, columns));
  else
    table.name = "main." + identifier(config.id);
  tables_[config.id] = std::move(table);
  places_[config.id] = std::move(place);
}

const Table& DeskStore::table(const std::string& id) const {
  const auto found = tables_.find(id);
  if (found == tables_.end()) fail_table("there is no table " + id);
  return found->second;
}

const TablePlace& DeskStore::place(const std::string& id) const {
  const auto found = places_.find(id);
  if (found == places_.end()) fail_table("there is no table " + id);
  return found->second;
}

void DeskStore::require_item(const std::string& id, const std::string& item) const {
  if (place(id).columns.count(item) == 0) fail_table(id + " has no item " + item);
}

std::optional<std::string> DeskStore::mark(const std::string& name) {
  sqlite::Statement row = database_.prepare("SELECT value FROM desk_mark WHERE name = ?1");
  row.bind(1, name);
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

void DeskStore::put_mark(const std::string& name, std::string_view value) {
  database_.prepare("INSERT OR REPLACE INTO desk_mark(name, value) VALUES (?1, ?2)").bind(1, name).bind(2, value).run();
}

bool DeskStore::has_news() {
  bool news = false;
  for (const ReceivedFile& file : config_.received) {
    const std::int64_t version = database_.scalar("PRAGMA " + file.name + ".data_version").value_or(0);
    const auto before = versions_.find(file.name);
    news = news || before == versions_.end() || before->second != version;
    versions_[file.name] = version;
  }
  return news;
}

}  // namespace qianzhi::desk
