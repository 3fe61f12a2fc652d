#include "agent/desk/outlets/events.h"

#include <algorithm>
#include <set>
#include <utility>

#include "hub-protocol/base/cells.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::desk {

namespace {

constexpr const char* event_schema =
    "CREATE TABLE IF NOT EXISTS main.event_mark(event TEXT PRIMARY KEY, mark INTEGER NOT NULL) WITHOUT ROWID";

std::string quoted_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

bool holds(const std::map<std::string, std::vector<std::string>>& when, const Fields& values) {
  return std::all_of(when.begin(), when.end(), [&](const auto& condition) {
    const auto found = values.find(condition.first);
    const std::string value = found == values.end() ? std::string() : found->second;
    return std::find(condition.second.begin(), condition.second.end(), value) != condition.second.end();
  });
}

std::set<std::string> names_used(const EventConfig& config) {
  std::set<std::string> names;
  for (const auto& condition : config.when) names.insert(condition.first);
  names.insert(config.version.begin(), config.version.end());
  names.insert(config.subject.names().begin(), config.subject.names().end());
  for (const auto& field : config.fields) names.insert(field.second.names().begin(), field.second.names().end());
  return names;
}

const EventTable& table_of(const EventConfig& config, const std::vector<EventTable>& tables) {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const EventTable& each) { return each.table.id == config.source; });
  if (found == tables.end())
    throw Error(ErrorKind::misuse, "QZ-DSK-108", "event " + config.id + ": no table " + config.source);
  return *found;
}

const std::string& column_of(const EventConfig& config, const Table& table, const std::string& item) {
  const auto found = table.columns.find(item);
  if (found == table.columns.end())
    throw Error(ErrorKind::misuse, "QZ-DSK-108", "event " + config.id + ": " + table.id + " has no item " + item);
  return found->second;
}

// Changed rows that are still there, oldest change first: number, key, then the items.
std::string statement_for(const EventConfig& config, const EventTable& source, const std::vector<std::string>& items) {
  std::string columns;
  for (const std::string& item : items) columns += ", r." + quoted_name(column_of(config, source.table, item));
  std::string join;
  std::size_t place = 0;
  for (const std::string& item : source.table.key)
    join.append(join.empty() ? "" : " AND ")
        .append("r." + quoted_name(column_of(config, source.table, item)))
        .append(" = json_extract(c.parts, '$[" + std::to_string(place++) + "]')");
  return "SELECT c.seq, c.key" + columns +
         " FROM (SELECT seq, key, CASE WHEN json_valid(key) THEN key ELSE "
         "'[]' END AS parts FROM " +
         source.log + " WHERE seq > ?1 AND source = ?3 ORDER BY seq LIMIT ?2) c LEFT JOIN " + source.table.name +
         " r ON " + join + " ORDER BY c.seq";
}

Fields row_of(const sqlite::Statement& row, const std::vector<std::string>& names, int first) {
  Fields values;
  for (std::size_t i = 0; i < names.size(); ++i) values[names[i]] = row.text(first + static_cast<int>(i));
  return values;
}

// Of a row whose key holds control characters (agent/desk/data).
constexpr std::string_view untold_key = "*";

const std::vector<std::string> step_names{"number", "rule",   "subject", "party", "area",
                                          "title",  "office", "what",    "who",   "note"};
const std::vector<std::string> finding_names{"rule", "subject", "party", "area", "title", "since", "level"};

}  // namespace

EventWatch::EventWatch(sqlite::Database& database, NoticeBox& box, std::vector<EventConfig> events,
                       const std::vector<EventTable>& tables)
    : database_(database), box_(box) {
  database_.execute(event_schema);
  for (EventConfig& config : events) events_.push_back({std::move(config), {}, {}, {}});
  prepare(tables);
}

void EventWatch::prepare(const std::vector<EventTable>& tables) {
  for (Watched& event : events_) {
    if (event.config.on != EventConfig::On::change) continue;
    event.table = table_of(event.config, tables);
    const std::set<std::string> names = names_used(event.config);
    event.items.assign(names.begin(), names.end());
    // The key tells whether the row is still there.
    for (const std::string& item : event.table.table.key)
      if (names.count(item) == 0) event.items.push_back(item);
    event.statement = statement_for(event.config, event.table, event.items);
  }
}

// Where to go on; the first time from the end, or from the beginning if it shall be so.
std::int64_t EventWatch::begin(const Watched& event, std::string_view last) {
  const std::int64_t end = database_.scalar(last).value_or(0);
  sqlite::Statement find = database_.prepare("SELECT mark FROM main.event_mark WHERE event = ?1");
  find.bind(1, event.config.id);
  if (!find.step()) {
    const std::int64_t mark = event.config.from_start ? 0 : end;
    put_mark(event, mark);
    return mark;
  }
  const std::int64_t mark = find.integer(0);
  if (mark <= end || end == 0) return mark;
  log("event " + event.config.id, Error(ErrorKind::corrupt, "QZ-DSK-109", "the log of changes was replaced"));
  put_mark(event, end);
  return end;
}

void EventWatch::put_mark(const Watched& event, std::int64_t mark) {
  database_
      .prepare(
          "INSERT INTO main.event_mark(event, mark) VALUES(?1, ?2) ON CONFLICT(event) DO UPDATE SET mark = "
          "excluded.mark")
      .bind(1, event.config.id)
      .bind(2, mark)
      .run();
}

bool EventWatch::tell(const Watched& event, const Fields& values, const std::string& key, Micros now) {
  const EventConfig& config = event.config;
  if (!holds(config.when, values)) return false;
  std::string version;
  for (const std::string& item : config.version) {
    const auto found = values.find(item);
    version += json_text(found == values.end() ? std::string() : found->second);
  }
  NewNotice notice{config.outlet, "event:" + config.id, key, json_of(render(config.fields, values))};
  // The key, and never the text for people, tells one event from another.
  if (!version.empty()) notice.event += ":" + sha256_hex(version);
  const std::string subject = config.subject.render(values);
  if (!subject.empty()) {
    Fields fields = render(config.fields, values);
    fields.emplace("to", subject);
    notice.payload = json_of(fields);
  }
  return box_.add(notice, now);
}

bool EventWatch::run_once(Micros now, std::int64_t& added, std::int64_t most) {
  bool is_done = true;
  for (const Watched& event : events_) {
    if (event.config.on == EventConfig::On::change && event.table.log.empty()) {
      if (!has_told_)
        log("event " + event.config.id, Error(ErrorKind::misuse, "QZ-DSK-108",
                                              event.config.source + " has no log of changes", "qianzhi-desk plan"));
      continue;
    }
    sqlite::Transaction transaction(database_);
    switch (event.config.on) {
      case EventConfig::On::change: is_done = follow_changes(event, now, added, most) && is_done; break;
      case EventConfig::On::case_step: is_done = follow_steps(event, now, added, most) && is_done; break;
      case EventConfig::On::finding: follow_findings(event, now, added); break;
    }
    transaction.commit();
  }
  has_told_ = true;
  return is_done;
}

bool EventWatch::follow_changes(const Watched& event, Micros now, std::int64_t& added, std::int64_t most) {
  const std::int64_t first = begin(event, "SELECT max(seq) FROM " + event.table.log);
  std::int64_t mark = first;
  std::int64_t count = 0;
  {
    sqlite::Statement rows = database_.prepare(event.statement);
    rows.bind(1, first).bind(2, most).bind(3, event.table.source);
    while (rows.step()) {
      mark = rows.integer(0);
      ++count;
      const Fields values = row_of(rows, event.items, 2);
      const auto& key = event.table.table.key;
      // A row that is gone again is no event.
      const auto at = std::find(event.items.begin(), event.items.end(), key.front()) - event.items.begin();
      if (rows.is_null(2 + static_cast<int>(at))) {
        if (rows.view(1) == untold_key)
          log("event " + event.config.id, Error(ErrorKind::rejected, "QZ-DSK-110", "change " + std::to_string(mark)));
        continue;
      }
      if (tell(event, values, rows.text(1), now)) ++added;
    }
  }
  if (mark != first) put_mark(event, mark);
  return count < most;
}

bool EventWatch::follow_steps(const Watched& event, Micros now, std::int64_t& added, std::int64_t most) {
  const std::int64_t first = begin(event, "SELECT max(id) FROM main.case_event");
  std::int64_t mark = first;
  std::int64_t count = 0;
  {
    sqlite::Statement rows = database_.prepare(
        "SELECT e.id, c.id, c.rule, c.subject, c.party, c.area, c.title, c.office, e.what, e.who, e.note "
        "FROM main.case_event e JOIN main.case_file c ON c.id = e.case_id WHERE e.id > ?1 ORDER BY e.id LIMIT ?2");
    rows.bind(1, first).bind(2, most);
    while (rows.step()) {
      mark = rows.integer(0);
      ++count;
      if (rows.view(8) != event.config.source) continue;
      if (tell(event, row_of(rows, step_names, 1), rows.text(0), now)) ++added;
    }
  }
  if (mark != first) put_mark(event, mark);
  return count < most;
}

void EventWatch::follow_findings(const Watched& event, Micros now, std::int64_t& added) {
  // Found again after it was closed, it is found at another time, and that is another event.
  sqlite::Statement rows = database_.prepare(
      "SELECT f.found, f.detail, f.rule, f.subject, f.party, f.area, f.title, f.since, f.level, "
      "json_array(f.subject, f.party, f.level, f.found) FROM main.finding f WHERE f.closed = 0 AND f.rule = ?1 AND (?2 "
      "= '' "
      "OR f.level = ?2) AND f.changed >= ?3 AND NOT EXISTS (SELECT 1 FROM main.notice n WHERE n.outlet = ?4 AND "
      "n.event = "
      "?5 "
      "AND n.subject = json_array(f.subject, f.party, f.level, f.found))");
  const Micros since = begin_time(event, now);
  rows.bind(1, event.config.source).bind(2, event.config.level).bind(3, since);
  rows.bind(4, event.config.outlet).bind(5, "event:" + event.config.id);
  while (rows.step()) {
    Fields values = fields_in(database_, rows.view(1)).value_or(Fields());
    for (auto& [name, value] : row_of(rows, finding_names, 2)) values[name] = value;
    if (tell(event, values, rows.text(9), now)) ++added;
  }
}

Micros EventWatch::begin_time(const Watched& event, Micros now) {
  if (event.config.from_start) return 0;
  sqlite::Statement find = database_.prepare("SELECT mark FROM main.event_mark WHERE event = ?1");
  find.bind(1, event.config.id);
  if (find.step()) return find.integer(0);
  put_mark(event, now);
  return now;
}

}  // namespace qianzhi::desk
