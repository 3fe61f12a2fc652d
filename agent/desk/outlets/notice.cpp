#include "agent/desk/outlets/notice.h"

#include <Poco/SHA2Engine.h>

#include <array>
#include <utility>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/cells.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

constexpr const char* notice_schema = R"(
CREATE TABLE IF NOT EXISTS main.notice(
  id INTEGER PRIMARY KEY AUTOINCREMENT, outlet TEXT NOT NULL, event TEXT NOT NULL, subject TEXT NOT NULL,
  token TEXT NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
  made INTEGER NOT NULL, next INTEGER NOT NULL, tried INTEGER NOT NULL DEFAULT 0, settled INTEGER NOT NULL DEFAULT 0,
  place TEXT NOT NULL DEFAULT '', result TEXT NOT NULL DEFAULT '', UNIQUE(outlet, event, subject));
CREATE INDEX IF NOT EXISTS main.notice_due ON notice(outlet, next) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS main.notice_sending ON notice(outlet) WHERE state = 'sending';
CREATE INDEX IF NOT EXISTS main.notice_kept ON notice(settled) WHERE settled > 0 AND payload <> '{}';
CREATE INDEX IF NOT EXISTS main.notice_tried ON notice(outlet, tried) WHERE tried > 0;
)";

constexpr std::string_view notice_columns =
    "SELECT id, outlet, event, subject, token, payload, state, tries, made, next, tried, place, result FROM "
    "main.notice ";

constexpr std::array<std::pair<NoticeState, std::string_view>, 6> state_names{{{NoticeState::waiting, "waiting"},
                                                                               {NoticeState::sending, "sending"},
                                                                               {NoticeState::sent, "sent"},
                                                                               {NoticeState::failed, "failed"},
                                                                               {NoticeState::uncertain, "uncertain"},
                                                                               {NoticeState::dropped, "dropped"}}};

NoticeState state_of(std::string_view name) {
  for (const auto& [state, word] : state_names)
    if (word == name) return state;
  return NoticeState::uncertain;
}

std::string select_notices(std::string_view rest) { return std::string(notice_columns).append(rest); }

}  // namespace

std::string json_of(const Fields& fields) {
  std::string json = "{";
  for (const auto& [name, text] : fields) {
    if (json.size() > 1) json += ',';
    json.append(json_text(name)).append(":").append(json_text(text));
  }
  return json + "}";
}

std::string_view name_of(NoticeState state) {
  for (const auto& [value, word] : state_names)
    if (value == state) return word;
  return "uncertain";
}

std::string sha256_hex(std::string_view octets) {
  Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
  engine.update(octets.data(), octets.size());
  const Poco::DigestEngine::Digest& digest = engine.digest();
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::optional<Fields> fields_in(sqlite::Database& database, std::string_view json) {
  sqlite::Statement type = database.prepare("SELECT CASE WHEN json_valid(?1) THEN json_type(?1) ELSE '' END");
  type.bind(1, json);
  if (!type.step() || type.view(0) != "object") return std::nullopt;
  sqlite::Statement each = database.prepare(
      "SELECT key, CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE value END FROM json_each(?1)");
  each.bind(1, json);
  Fields fields;
  while (each.step()) fields[each.text(0)] = each.text(1);
  return fields;
}

NoticeBox::NoticeBox(sqlite::Database& database, std::string desk) : database_(database), desk_(std::move(desk)) {
  database_.execute(notice_schema);
}

bool NoticeBox::add(const NewNotice& notice, Micros now) {
  sqlite::Statement insert = database_.prepare(
      "INSERT INTO main.notice(outlet, event, subject, token, payload, state, made, next) "
      "VALUES(?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?6) ON CONFLICT(outlet, event, subject) DO NOTHING");
  // The parts are quoted, so that no two notices are one text.
  const std::string what =
      json_text(desk_) + json_text(notice.outlet) + json_text(notice.event) + json_text(notice.subject);
  insert.bind(1, notice.outlet).bind(2, notice.event).bind(3, notice.subject).bind(4, sha256_hex(what));
  insert.bind(5, notice.payload).bind(6, now).run();
  return database_.changes() == 1;
}

std::vector<Notice> NoticeBox::read(sqlite::Statement& statement) {
  std::vector<Notice> notices;
  while (statement.step()) {
    Notice notice;
    notice.id = statement.integer(0);
    notice.outlet = statement.text(1);
    notice.event = statement.text(2);
    notice.subject = statement.text(3);
    notice.token = statement.text(4);
    notice.payload = statement.text(5);
    notice.state = state_of(statement.view(6));
    notice.tries = static_cast<int>(statement.integer(7));
    notice.made = statement.integer(8);
    notice.next = statement.integer(9);
    notice.tried = statement.integer(10);
    notice.place = statement.text(11);
    notice.result = statement.text(12);
    notices.push_back(std::move(notice));
  }
  return notices;
}

std::optional<Notice> NoticeBox::find(std::int64_t id) {
  sqlite::Statement statement = database_.prepare(select_notices("WHERE id = ?1"));
  statement.bind(1, id);
  std::vector<Notice> found = read(statement);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<Notice> NoticeBox::due(std::string_view outlet, Micros now, std::size_t most) {
  sqlite::Statement statement = database_.prepare(
      select_notices("WHERE state = 'waiting' AND outlet = ?1 AND next <= ?2 ORDER BY next, id LIMIT ?3"));
  statement.bind(1, outlet).bind(2, now).bind(3, static_cast<std::int64_t>(most));
  std::vector<Notice> notices = read(statement);
  for (Notice& notice : notices) notice.fields = fields_in(database_, notice.payload).value_or(Fields());
  return notices;
}

std::optional<Micros> NoticeBox::next_due(std::string_view outlet) {
  sqlite::Statement statement =
      database_.prepare("SELECT min(next) FROM main.notice WHERE state = 'waiting' AND outlet = ?1");
  statement.bind(1, outlet);
  if (!statement.step() || statement.is_null(0)) return std::nullopt;
  return statement.integer(0);
}

std::int64_t NoticeBox::tries_since(std::string_view outlet, Micros since) {
  sqlite::Statement statement =
      database_.prepare("SELECT count(*) FROM main.notice WHERE tried > 0 AND outlet = ?1 AND tried > ?2");
  statement.bind(1, outlet).bind(2, since);
  return statement.step() ? statement.integer(0) : 0;
}

Micros NoticeBox::nth_last_try(std::string_view outlet, std::int64_t count) {
  sqlite::Statement statement = database_.prepare(
      "SELECT tried FROM main.notice WHERE tried > 0 AND outlet = ?1 ORDER BY tried DESC LIMIT 1 OFFSET ?2");
  statement.bind(1, outlet).bind(2, count - 1);
  return statement.step() ? statement.integer(0) : 0;
}

std::vector<std::string> NoticeBox::outlets_with(NoticeState state) {
  sqlite::Statement statement =
      database_.prepare("SELECT DISTINCT outlet FROM main.notice WHERE state = ?1 ORDER BY outlet");
  statement.bind(1, name_of(state));
  std::vector<std::string> names;
  while (statement.step()) names.push_back(statement.text(0));
  return names;
}

std::vector<Notice> NoticeBox::list(std::optional<NoticeState> state, std::size_t most) {
  sqlite::Statement statement =
      database_.prepare(select_notices("WHERE ?1 = '' OR state = ?1 ORDER BY id DESC LIMIT ?2"));
  statement.bind(1, state ? name_of(*state) : std::string_view()).bind(2, static_cast<std::int64_t>(most));
  return read(statement);
}

std::map<std::string, std::int64_t> NoticeBox::counts() {
  sqlite::Statement statement = database_.prepare("SELECT state, count(*) FROM main.notice GROUP BY state");
  std::map<std::string, std::int64_t> counts;
  while (statement.step()) counts[statement.text(0)] = statement.integer(1);
  return counts;
}

void NoticeBox::start(const Notice& notice, std::string_view place, Micros now) {
  sqlite::Transaction transaction(database_);
  sqlite::Statement update = database_.prepare(
      "UPDATE main.notice SET state = 'sending', tries = tries + 1, tried = ?2, place = ?3 WHERE id = ?1");
  update.bind(1, notice.id).bind(2, now).bind(3, place).run();
  transaction.commit();
}

void NoticeBox::settle(const Notice& notice, NoticeState state, std::string_view result, Micros next, Micros now) {
  sqlite::Transaction transaction(database_);
  sqlite::Statement update = database_.prepare(
      "UPDATE main.notice SET state = ?2, result = ?3, next = ?4, settled = CASE ?2 WHEN 'waiting' THEN 0 ELSE ?5 END "
      "WHERE id = ?1");
  update.bind(1, notice.id).bind(2, name_of(state)).bind(3, result).bind(4, next).bind(5, now).run();
  transaction.commit();
}

std::int64_t NoticeBox::release(std::string_view outlet, NoticeState state, std::string_view result, Micros now) {
  sqlite::Transaction transaction(database_);
  sqlite::Statement update = database_.prepare(
      "UPDATE main.notice SET state = ?2, result = ?3, next = ?4, settled = CASE ?2 WHEN 'waiting' THEN 0 ELSE ?4 END "
      "WHERE state = 'sending' AND outlet = ?1");
  update.bind(1, outlet).bind(2, name_of(state)).bind(3, result).bind(4, now).run();
  const std::int64_t count = database_.changes();
  transaction.commit();
  return count;
}

void NoticeBox::again(std::int64_t id, Micros now) {
  sqlite::Transaction transaction(database_);
  // It begins anew, or it would be given up at once for its age.
  sqlite::Statement update = database_.prepare(
      "UPDATE main.notice SET state = 'waiting', next = ?2, made = ?2, settled = 0 "
      "WHERE id = ?1 AND state IN ('failed', 'uncertain') AND payload <> '{}'");
  update.bind(1, id).bind(2, now).run();
  if (database_.changes() != 1)
    throw Error(ErrorKind::rejected, "QZ-DSK-107", "notice " + std::to_string(id) + " is neither failed nor uncertain");
  transaction.commit();
}

void NoticeBox::drop(std::int64_t id, Micros now) {
  sqlite::Transaction transaction(database_);
  sqlite::Statement update = database_.prepare(
      "UPDATE main.notice SET state = 'dropped', settled = ?2 "
      "WHERE id = ?1 AND state IN ('waiting', 'failed', 'uncertain')");
  update.bind(1, id).bind(2, now).run();
  if (database_.changes() != 1)
    throw Error(ErrorKind::rejected, "QZ-DSK-107", "notice " + std::to_string(id) + " is not one that still waits");
  transaction.commit();
}

std::int64_t NoticeBox::forget(Micros before) {
  sqlite::Transaction transaction(database_);
  sqlite::Statement update =
      database_.prepare("UPDATE main.notice SET payload = '{}' WHERE payload <> '{}' AND settled > 0 AND settled < ?1");
  update.bind(1, before).run();
  const std::int64_t count = database_.changes();
  transaction.commit();
  return count;
}

}  // namespace qianzhi::desk
