#include "hub-protocol/registry/registry.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::registry {

namespace {

constexpr char schema[] = R"(
CREATE TABLE IF NOT EXISTS record(
  kind TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, removed INTEGER NOT NULL, body BLOB NOT NULL,
  time INTEGER NOT NULL, actor TEXT NOT NULL, PRIMARY KEY(kind, id, revision)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS current(
  kind TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL,
  PRIMARY KEY(kind, id)) STRICT, WITHOUT ROWID;
)";

Record record_from(sqlite::Statement& row) {
  Record record;
  record.kind = row.text(0);
  record.id = row.text(1);
  record.revision = row.number(2);
  record.is_removed = row.integer(3) != 0;
  record.body = row.text(4);
  record.time = row.integer(5);
  record.actor = row.text(6);
  return record;
}

}  // namespace

std::optional<Record> View::find(std::string_view kind, std::string_view id) const {
  sqlite::Statement row = database_.prepare(
      "SELECT r.kind, r.id, r.revision, r.removed, r.body, r.time, r.actor FROM current c "
      "JOIN record r USING(kind, id, revision) WHERE c.kind = ? AND c.id = ? AND r.removed = 0");
  row.bind(1, kind).bind(2, id);
  if (!row.step()) return std::nullopt;
  return record_from(row);
}

std::vector<Record> View::all(std::string_view kind) const {
  sqlite::Statement row = database_.prepare(
      "SELECT r.kind, r.id, r.revision, r.removed, r.body, r.time, r.actor FROM current c "
      "JOIN record r USING(kind, id, revision) WHERE c.kind = ? AND r.removed = 0 ORDER BY c.id");
  row.bind(1, kind);
  std::vector<Record> records;
  while (row.step()) records.push_back(record_from(row));
  return records;
}

std::vector<Record> View::history(std::string_view kind, std::string_view id) const {
  sqlite::Statement row = database_.prepare(
      "SELECT kind, id, revision, removed, body, time, actor FROM record WHERE kind = ? AND id = ? ORDER BY revision");
  row.bind(1, kind).bind(2, id);
  std::vector<Record> records;
  while (row.step()) records.push_back(record_from(row));
  return records;
}

void Change::write(std::string_view kind, std::string_view id, std::uint64_t revision, bool is_removed,
                   std::string_view body) {
  database_.prepare("INSERT INTO record VALUES(?, ?, ?, ?, ?, ?, ?)")
      .bind(1, kind)
      .bind(2, id)
      .bind(3, revision)
      .bind(4, is_removed ? 1 : 0)
      .bind_blob(5, body)
      .bind(6, now_)
      .bind(7, text_of(actor_))
      .run();
  database_
      .prepare("INSERT INTO current VALUES(?, ?, ?) ON CONFLICT(kind, id) DO UPDATE SET revision = excluded.revision")
      .bind(1, kind)
      .bind(2, id)
      .bind(3, revision)
      .run();
}

void Change::put(std::string_view kind, std::string_view id, std::string_view body) {
  const auto present = find(kind, id);
  if (present && present->body == body) return;
  const std::vector<Record> before = history(kind, id);
  write(kind, id, before.size() + 1, false, body);
}

void Change::remove(std::string_view kind, std::string_view id) {
  const auto present = find(kind, id);
  if (!present) throw Error(ErrorKind::misuse, "QZ-HUB-060", std::string(kind) + " " + std::string(id));
  write(kind, id, present->revision + 1, true, {});
}

void Change::note(audit::Entry entry) {
  entry.actor = actor_;
  audit::append(database_, suite_, entry, now_);
  noted_ = true;
}

Registry::Registry(const std::filesystem::path& file, DigestSuite suite, const Clock& clock)
    : database_(file, {}), suite_(suite), clock_(clock) {
  sqlite::Transaction transaction(database_);
  database_.execute(schema);
  audit::create(database_);
  transaction.commit();
}

void Registry::change(const audit::Actor& actor, const std::function<void(Change&)>& make) {
  const std::lock_guard guard(lock_);
  sqlite::Transaction transaction(database_);
  Change change(database_, actor, suite_, clock_.now());
  make(change);
  QZ_ASSERT(change.is_noted());
  transaction.commit();
  ++revision_;
}

void Registry::read(const std::function<void(const View&)>& look) const {
  const std::lock_guard guard(lock_);
  sqlite::Transaction transaction(database_, false);
  look(View(database_));
}

void Registry::note(const audit::Entry& entry) {
  const std::lock_guard guard(lock_);
  sqlite::Transaction transaction(database_);
  audit::append(database_, suite_, entry, clock_.now());
  transaction.commit();
}

void Registry::work(const std::function<void(sqlite::Database&)>& with) {
  const std::lock_guard guard(lock_);
  sqlite::Transaction transaction(database_);
  with(database_);
  transaction.commit();
}

std::uint64_t Registry::revision() const {
  const std::lock_guard guard(lock_);
  return revision_;
}

void Registry::copy_into(const std::filesystem::path& file, const std::function<bool()>& go_on) {
  const std::lock_guard guard(lock_);
  database_.copy_into(file, go_on);
}

}  // namespace qianzhi::registry
