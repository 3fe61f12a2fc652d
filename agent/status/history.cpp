#include "agent/status/history.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <utility>

#include "agent/status/page_text.h"
#include "agent/status/path.h"
#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::status {

namespace {

constexpr Micros minute = 60'000'000;
constexpr Micros hour = 60 * minute;
constexpr Micros kept_minutes = Micros{24} * hour;
constexpr Micros kept_hours = Micros{30} * 24 * hour;

// STRICT tables; version 1.
constexpr const char* schema =
    "CREATE TABLE IF NOT EXISTS minutes(time INTEGER PRIMARY KEY, delay INTEGER NOT NULL, pending INTEGER NOT NULL,"
    " sent INTEGER NOT NULL, acknowledged INTEGER NOT NULL, received INTEGER NOT NULL, quarantined INTEGER NOT NULL,"
    " queued_octets INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS hours(time INTEGER PRIMARY KEY, delay INTEGER NOT NULL, pending INTEGER NOT NULL,"
    " sent INTEGER NOT NULL, acknowledged INTEGER NOT NULL, received INTEGER NOT NULL, quarantined INTEGER NOT NULL,"
    " queued_octets INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS events(id INTEGER PRIMARY KEY, level TEXT NOT NULL, code TEXT NOT NULL,"
    " subject TEXT NOT NULL, detail TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER NOT NULL,"
    " acknowledged TEXT NOT NULL) STRICT;";

Sample sample_of(const Snapshot& snapshot) {
  const Totals totals = totals_of(snapshot);
  Sample sample;
  sample.delay = totals.oldest == 0 ? snapshot.delay : std::max(snapshot.delay, snapshot.time - totals.oldest);
  sample.pending = totals.waiting_rows;
  sample.sent = totals.sealed + totals.refilled;
  sample.acknowledged = totals.receipted;
  sample.received = totals.upserted + totals.removed;
  sample.quarantined = snapshot.quarantined;
  sample.queued_octets = snapshot.queued_octets;
  return sample;
}

std::string level_of(flow::NoticeLevel level) {
  static constexpr std::array<const char*, 3> names = {"info", "warning", "error"};
  return names[static_cast<std::size_t>(level)];
}

// Who watches the log alone is told what the page says; what is only said for information stays there.
void tell(const Finding& finding, const Finding::Place& place) {
  if (finding.level == flow::NoticeLevel::info) return;
  std::string text = finding.code;
  if (const auto known = explain(finding.code))
    text.append(" ").append(known->title_zh).append(" / ").append(known->title_en);
  if (!place.detail.empty()) text.append(": ").append(place.detail);
  log(finding.level == flow::NoticeLevel::error ? LogLevel::error : LogLevel::warning, place.subject, text);
}

// Where a list of found faults is longer than this, the rest is told by the first.
constexpr std::size_t most_places = 20;

}  // namespace

History::History(std::filesystem::path file) : file_(std::move(file)) {
  try {
    open();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt) throw;
    database_.reset();
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + ending);
    open();
  }
}

void History::open() {
  database_ = std::make_unique<sqlite::Database>(file_, sqlite::OpenOptions{});
  database_->execute(schema);
  database_->scalar("SELECT count(*) FROM minutes");
}

void History::keep(std::string_view table, Micros time, const Sample& sample) {
  auto statement = database_->prepare(
      "INSERT INTO " + std::string(table) +
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(time) DO UPDATE SET delay = max(delay, excluded.delay),"
      " pending = max(pending, excluded.pending), sent = excluded.sent, acknowledged = excluded.acknowledged,"
      " received = excluded.received, quarantined = max(quarantined, excluded.quarantined),"
      " queued_octets = max(queued_octets, excluded.queued_octets)");
  statement.bind(1, time).bind(2, sample.delay).bind(3, sample.pending).bind(4, sample.sent);
  statement.bind(5, sample.acknowledged).bind(6, sample.received).bind(7, sample.quarantined);
  statement.bind(8, sample.queued_octets);
  statement.run();
}

void History::note_events(const std::vector<Finding>& findings, Micros now) {
  using Key = std::pair<std::string, std::string>;  // code and subject
  std::map<Key, std::int64_t> open;
  {
    auto statement = database_->prepare("SELECT id, code, subject FROM events WHERE ended = 0");
    while (statement.step()) open[{statement.text(1), statement.text(2)}] = statement.integer(0);
  }
  for (const Finding& finding : findings) {
    const std::size_t places = std::min(finding.places.size(), most_places);
    for (std::size_t at = 0; at < places; ++at) {
      const Finding::Place& place = finding.places[at];
      if (open.erase({readable(finding.code), readable(place.subject)}) != 0) continue;
      auto statement = database_->prepare(
          "INSERT INTO events(level, code, subject, detail, began, ended, acknowledged) VALUES(?1, ?2, ?3, ?4, ?5, 0,"
          " '')");
      statement.bind(1, level_of(finding.level)).bind(2, readable(finding.code)).bind(3, readable(place.subject));
      statement.bind(4, readable(place.detail).substr(0, 500)).bind(5, place.since != 0 ? place.since : now);
      statement.run();
      tell(finding, place);
    }
  }
  for (const auto& [key, id] : open) {
    auto statement = database_->prepare("UPDATE events SET ended = ?1 WHERE id = ?2");
    statement.bind(1, now).bind(2, id).run();
  }
  database_->execute("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - 500");
}

void History::note(const Snapshot& snapshot, const std::vector<Finding>& findings) {
  const std::lock_guard guard(lock_);
  const Sample sample = sample_of(snapshot);
  sqlite::Transaction transaction(*database_);
  keep("minutes", snapshot.time - snapshot.time % minute, sample);
  keep("hours", snapshot.time - snapshot.time % hour, sample);
  database_->prepare("DELETE FROM minutes WHERE time <= ?1").bind(1, snapshot.time - kept_minutes).run();
  database_->prepare("DELETE FROM hours WHERE time <= ?1").bind(1, snapshot.time - kept_hours).run();
  note_events(findings, snapshot.time);
  transaction.commit();
}

void History::note_deed(const Deed& deed, Micros now) {
  const std::lock_guard guard(lock_);
  auto statement = database_->prepare(
      "INSERT INTO events(level, code, subject, detail, began, ended, acknowledged) VALUES('info', ?1, ?2, ?3, ?4, ?4,"
      " '')");
  statement.bind(1, deed.code).bind(2, readable(deed.subject)).bind(3, readable(deed.detail)).bind(4, now);
  statement.run();
}

std::vector<Sample> History::samples(Span span) const {
  const std::lock_guard guard(lock_);
  auto statement = database_->prepare(
      span == Span::day ? "SELECT time, delay, pending, sent, acknowledged, received, quarantined, queued_octets FROM"
                          " minutes ORDER BY time"
                        : "SELECT time, delay, pending, sent, acknowledged, received, quarantined, queued_octets FROM"
                          " hours ORDER BY time");
  std::vector<Sample> samples;
  while (statement.step())
    samples.push_back({statement.integer(0), statement.integer(1), statement.number(2), statement.number(3),
                       statement.number(4), statement.number(5), statement.number(6), statement.number(7)});
  return samples;
}

std::vector<Event> History::events() const {
  const std::lock_guard guard(lock_);
  auto statement = database_->prepare(
      "SELECT id, level, code, subject, detail, began, ended, acknowledged FROM events ORDER BY id DESC LIMIT 500");
  std::vector<Event> events;
  while (statement.step())
    events.push_back({statement.integer(0), statement.text(1), statement.text(2), statement.text(3), statement.text(4),
                      statement.integer(5), statement.integer(6), statement.text(7)});
  return events;
}

void History::acknowledge(std::int64_t event, const std::string& user) {
  const std::lock_guard guard(lock_);
  database_->prepare("UPDATE events SET acknowledged = ?1 WHERE id = ?2 AND acknowledged = ''")
      .bind(1, user)
      .bind(2, event)
      .run();
  if (database_->changes() == 0) throw Error(ErrorKind::rejected, "QZ-PAGE-004", "event " + std::to_string(event));
}

// Rows of numbers, so that a day is not much larger than its figures.
std::string to_json(const std::vector<Sample>& samples) {
  Poco::JSON::Array rows;
  for (const Sample& sample : samples) {
    Poco::JSON::Array row;
    row.add(std::to_string(sample.time));
    row.add(sample.delay);
    for (const std::uint64_t figure :
         {sample.pending, sample.sent, sample.acknowledged, sample.received, sample.quarantined, sample.queued_octets})
      row.add(std::to_string(figure));
    rows.add(row);
  }
  Poco::JSON::Object object;
  Poco::JSON::Array columns;
  for (const char* name :
       {"time", "delay", "pending", "sent", "acknowledged", "received", "quarantined", "queued_octets"})
    columns.add(name);
  object.set("columns", columns);
  object.set("rows", rows);
  std::ostringstream text;
  object.stringify(text);
  return text.str();
}

std::string to_json(const std::vector<Event>& events) {
  Poco::JSON::Array array;
  for (const Event& event : events) {
    Poco::JSON::Object object;
    object.set("id", std::to_string(event.id));
    object.set("level", event.level);
    object.set("code", event.code);
    object.set("subject", event.subject);
    object.set("detail", event.detail);
    object.set("began", std::to_string(event.began));
    object.set("ended", std::to_string(event.ended));
    object.set("acknowledged", event.acknowledged);
    array.add(object);
  }
  std::ostringstream text;
  array.stringify(text);
  return text.str();
}

}  // namespace qianzhi::status
