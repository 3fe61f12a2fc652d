#include "agent/desk/lookup/index.h"

#include <algorithm>

#include "agent/desk/data/fingerprint.h"
#include "agent/desk/data/identifier.h"
#include "agent/desk/standard/characters.h"
#include "agent/desk/standard/codes.h"
#include "agent/desk/standard/names.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/catalogue/initials.h"

namespace qianzhi::desk::lookup {

namespace {

constexpr const char* index_schema = R"sql(
CREATE TABLE IF NOT EXISTS lookup_entry(
  id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
  UNIQUE(subject, key));
CREATE TABLE IF NOT EXISTS lookup_code(
  subject TEXT NOT NULL, code TEXT NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(subject, code, entry)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lookup_code_entry ON lookup_code(entry);
CREATE TABLE IF NOT EXISTS lookup_start(
  subject TEXT NOT NULL, start TEXT NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(subject, start, entry))
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lookup_initials(
  subject TEXT NOT NULL, initials TEXT NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(subject, initials, entry))
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lookup_mark(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
)sql";

constexpr std::uint64_t rows_at_once = 20'000;

std::string words_table(const Subject& subject) { return "lookup_words_" + subject.id; }

bool is_word_character(char32_t c) {
  return (c >= U'0' && c <= U'9') || (c >= U'A' && c <= U'Z') || (c >= 0x3400 && c <= 0x9FFF) ||
         (c >= 0x20000 && c <= 0x323AF);
}

std::string key_of_row(const Subject& subject) {
  std::string list;
  for (const std::string& item : subject.table.key)
    list += (list.empty() ? "CAST(" : ", CAST(") + identifier(subject.table.columns.at(item)) + " AS TEXT)";
  return "json_array(" + list + ")";
}

// Key, name, codes.
std::string row_select(const Subject& subject) {
  std::string sql = "SELECT " + key_of_row(subject) + ", ";
  sql += subject.name.empty() ? "''" : identifier(subject.table.columns.at(subject.name));
  for (const std::string& item : subject.codes) sql += ", " + identifier(subject.table.columns.at(item));
  return sql + " FROM " + subject.table.name;
}

std::string key_is(const Subject& subject) {
  std::string condition;
  for (std::size_t i = 0; i < subject.table.key.size(); ++i)
    condition += (i == 0 ? " WHERE " : " AND ") + identifier(subject.table.columns.at(subject.table.key[i])) +
                 " = json_extract(?1, '$[" + std::to_string(i) + "]')";
  return condition;
}

std::int64_t lookup_mark(sqlite::Database& database, const std::string& name) {
  sqlite::Statement query = database.prepare("SELECT value FROM lookup_mark WHERE name = ?");
  query.bind(1, name);
  return query.step() ? query.integer(0) : 0;
}

void set_lookup_mark(sqlite::Database& database, const std::string& name, std::int64_t value) {
  database.prepare("INSERT OR REPLACE INTO lookup_mark VALUES(?, ?)").bind(1, name).bind(2, value).run();
}

// Changes with everything that the index depends on. "1": to be raised when rows are indexed otherwise.
std::int64_t fingerprint_of(const Subject& subject) {
  Fingerprint print;
  print.add("1").add(row_select(subject));
  return print.value();
}

// As it stands in lookup_code: a sound code in standard form, or the text cleaned.
std::string code_text(std::string_view text) {
  const standard::Code code = standard::code_of(text);
  return code.text;
}

// Names as they can be begun, and the first letters of each.
std::vector<std::string> starts_of(const standard::Name& name) {
  std::vector<std::string> starts = {name.text()};
  if (const std::string core = standard::encoded(name.core); !core.empty() && core != starts.front())
    starts.push_back(core);
  return starts;
}

}  // namespace

std::string pairs_of(std::u32string_view text) {
  std::u32string words;
  std::copy_if(text.begin(), text.end(), std::back_inserter(words), is_word_character);
  if (words.size() == 1) return standard::encoded(words);
  std::string pairs;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (i != 0) pairs += ' ';
    pairs += standard::encoded(std::u32string_view(words).substr(i, 2));
  }
  return pairs;
}

Index::Index(sqlite::Database& database, const LookupConfig& config, std::vector<ChangeFile> files)
    : database_(database), config_(config), files_(std::move(files)) {
  database_.execute(index_schema);
  for (const Subject& subject : config_.subjects)
    database_.execute("CREATE VIRTUAL TABLE IF NOT EXISTS " + words_table(subject) +
                      " USING fts5(words, content='', columnsize=0, tokenize='unicode61 remove_diacritics 0')");
}

bool Index::needs_build() {
  return std::any_of(config_.subjects.begin(), config_.subjects.end(), [&](const Subject& subject) {
    return lookup_mark(database_, "built:" + subject.id) != fingerprint_of(subject);
  });
}

void Index::remove(const Subject& subject, std::string_view key) {
  sqlite::Statement query = database_.prepare("SELECT id, name FROM lookup_entry WHERE subject = ? AND key = ?");
  query.bind(1, subject.id).bind(2, key);
  if (!query.step()) return;
  const std::int64_t id = query.integer(0);
  const standard::Name name = standard::name_of(query.view(1));
  query.reset();
  const std::string words = pairs_of(name.whole);
  if (!words.empty())
    database_
        .prepare("INSERT INTO " + words_table(subject) + "(" + words_table(subject) +
                 ", rowid, words) VALUES('delete', ?, ?)")
        .bind(1, id)
        .bind(2, words)
        .run();
  for (const std::string& start : starts_of(name)) {
    sqlite::Statement off = database_.prepare("DELETE FROM lookup_start WHERE subject = ? AND start = ? AND entry = ?");
    off.bind(1, subject.id).bind(2, start).bind(3, id).run();
    sqlite::Statement letters =
        database_.prepare("DELETE FROM lookup_initials WHERE subject = ? AND initials = ? AND entry = ?");
    letters.bind(1, subject.id).bind(2, catalogue::initials_of(start)).bind(3, id).run();
  }
  database_.prepare("DELETE FROM lookup_code WHERE entry = ?").bind(1, id).run();
  database_.prepare("DELETE FROM lookup_entry WHERE id = ?").bind(1, id).run();
}

void Index::put(const Subject& subject, const std::string& key, const sqlite::Statement& row) {
  const standard::Name name = standard::name_of(row.view(1));
  sqlite::Statement entry =
      database_.prepare("INSERT INTO lookup_entry(subject, key, name) VALUES(?, ?, ?) RETURNING id");
  entry.bind(1, subject.id).bind(2, key).bind(3, row.view(1));
  entry.step();
  const std::int64_t id = entry.integer(0);
  entry.run();
  for (int column = 2; column < row.columns(); ++column) {
    const std::string code = code_text(row.view(column));
    if (code.empty()) continue;
    sqlite::Statement put_code = database_.prepare("INSERT OR IGNORE INTO lookup_code VALUES(?, ?, ?)");
    put_code.bind(1, subject.id).bind(2, code).bind(3, id).run();
  }
  const std::string words = pairs_of(name.whole);
  if (words.empty()) return;
  database_.prepare("INSERT INTO " + words_table(subject) + "(rowid, words) VALUES(?, ?)")
      .bind(1, id)
      .bind(2, words)
      .run();
  for (const std::string& start : starts_of(name)) {
    sqlite::Statement put_start = database_.prepare("INSERT OR IGNORE INTO lookup_start VALUES(?, ?, ?)");
    put_start.bind(1, subject.id).bind(2, start).bind(3, id).run();
    const std::string initials = catalogue::initials_of(start);
    if (initials.empty()) continue;
    sqlite::Statement letters = database_.prepare("INSERT OR IGNORE INTO lookup_initials VALUES(?, ?, ?)");
    letters.bind(1, subject.id).bind(2, initials).bind(3, id).run();
  }
}

void Index::refresh(const Subject& subject, const std::string& key) {
  remove(subject, key);
  sqlite::Statement row = database_.prepare(row_select(subject) + key_is(subject));
  row.bind(1, key);
  if (row.step()) put(subject, key, row);
}

std::uint64_t Index::build() {
  std::vector<std::int64_t> newest;
  for (const ChangeFile& file : files_)
    newest.push_back(database_.scalar("SELECT max(seq) FROM " + file.log).value_or(0));
  std::uint64_t rows = 0;
  auto transaction = std::make_unique<sqlite::Transaction>(database_);
  for (const Subject& subject : config_.subjects) {
    set_lookup_mark(database_, "built:" + subject.id, 0);
    for (const char* table : {"lookup_entry", "lookup_code", "lookup_start", "lookup_initials"})
      database_.prepare("DELETE FROM " + std::string(table) + " WHERE subject = ?").bind(1, subject.id).run();
    database_.execute("INSERT INTO " + words_table(subject) + "(" + words_table(subject) + ") VALUES('delete-all')");
    sqlite::Statement query = database_.prepare(row_select(subject));
    while (query.step()) {
      put(subject, query.text(0), query);
      if (++rows % rows_at_once != 0) continue;
      transaction->commit();
      transaction = std::make_unique<sqlite::Transaction>(database_);
    }
  }
  for (std::size_t i = 0; i < files_.size(); ++i) set_lookup_mark(database_, files_[i].log, newest[i]);
  for (const Subject& subject : config_.subjects)
    set_lookup_mark(database_, "built:" + subject.id, fingerprint_of(subject));
  transaction->commit();
  return rows;
}

void Index::take(const ChangeFile& file, std::string_view source, std::string_view key) {
  const auto table = file.tables.find(std::string(source));
  if (table == file.tables.end()) return;
  for (const Subject& subject : config_.subjects) {
    if (subject.table.id != table->second) continue;
    if (key == "*")
      set_lookup_mark(database_, "built:" + subject.id, 0);
    else
      refresh(subject, std::string(key));
  }
}

std::uint64_t Index::catch_up(std::size_t limit) {
  if (needs_build()) throw Error(ErrorKind::misuse, "QZ-DSK-215", "the index of lookups was never built to the end");
  std::uint64_t changes = 0;
  sqlite::Transaction transaction(database_);
  for (const ChangeFile& file : files_) {
    sqlite::Statement query =
        database_.prepare("SELECT seq, source, key FROM " + file.log + " WHERE seq > ? ORDER BY seq LIMIT ?");
    query.bind(1, lookup_mark(database_, file.log)).bind(2, static_cast<std::int64_t>(std::max<std::size_t>(limit, 1)));
    std::int64_t newest = 0;
    while (query.step()) {
      newest = query.integer(0);
      ++changes;
      take(file, query.view(1), query.view(2));
    }
    if (newest != 0) set_lookup_mark(database_, file.log, newest);
  }
  if (changes != 0) transaction.commit();
  return changes;
}

void Index::collect(sqlite::Statement& query, std::size_t limit, std::vector<std::string>& keys) {
  while (keys.size() < limit && query.step())
    if (std::string key = query.text(0); std::find(keys.begin(), keys.end(), key) == keys.end())
      keys.push_back(std::move(key));
}

void Index::find_starts(const Subject& subject, const std::string& start, std::size_t limit,
                        std::vector<std::string>& keys) {
  if (start.empty()) return;
  sqlite::Statement query = database_.prepare(
      "SELECT e.key FROM lookup_start s JOIN lookup_entry e ON e.id = s.entry "
      "WHERE s.subject = ?1 AND s.start >= ?2 AND s.start < ?2 || char(1114111) ORDER BY s.start, s.entry LIMIT ?3");
  query.bind(1, subject.id).bind(2, start).bind(3, static_cast<std::int64_t>(limit * 2));
  collect(query, limit, keys);
}

std::vector<std::string> Index::find(const Subject& subject, SearchBy by, std::string_view text, std::size_t limit) {
  std::vector<std::string> keys;
  if (by == SearchBy::code) {
    sqlite::Statement query = database_.prepare(
        "SELECT e.key FROM lookup_code c JOIN lookup_entry e ON e.id = c.entry "
        "WHERE c.subject = ? AND c.code = ? ORDER BY c.entry LIMIT ?");
    query.bind(1, subject.id).bind(2, code_text(text)).bind(3, static_cast<std::int64_t>(limit));
    collect(query, limit, keys);
  } else if (by == SearchBy::initials) {
    sqlite::Statement query = database_.prepare(
        "SELECT e.key FROM lookup_initials i JOIN lookup_entry e ON e.id = i.entry "
        "WHERE i.subject = ?1 AND i.initials >= ?2 AND i.initials < ?2 || '~' ORDER BY i.initials, i.entry LIMIT ?3");
    query.bind(1, subject.id).bind(2, catalogue::initials_of(text)).bind(3, static_cast<std::int64_t>(limit * 2));
    collect(query, limit, keys);
  } else {
    const standard::Name name = standard::name_of(text);
    for (const std::string& start : starts_of(name)) find_starts(subject, start, limit, keys);
    const std::string words = pairs_of(name.core.empty() ? name.whole : name.core);
    if (words.empty() || keys.size() >= limit) return keys;
    sqlite::Statement query = database_.prepare("SELECT e.key FROM " + words_table(subject) +
                                                " w JOIN lookup_entry e ON e.id = w.rowid "
                                                "WHERE w.words MATCH ? ORDER BY w.rowid LIMIT ?");
    query.bind(1, "\"" + words + "\"").bind(2, static_cast<std::int64_t>(limit * 2));
    collect(query, limit, keys);
  }
  return keys;
}

}  // namespace qianzhi::desk::lookup
