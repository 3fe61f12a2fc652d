#include "agent/desk/data/holidays.h"

#include "hub-protocol/yaml/csv.h"
#include "hub-protocol/yaml/text_file.h"

namespace qianzhi::desk {

namespace {

// A table that knows nothing but days off must not hold a program for ever.
constexpr int longest_holiday = 60;

bool is_weekend(Day day) {
  constexpr Day a_saturday = 2;  // 1970-01-03
  const Day since = ((day - a_saturday) % 7 + 7) % 7;
  return since < 2;
}

void read_days(const std::filesystem::path& file, std::set<Day>& off, std::set<Day>& work,
               yaml::Diagnostics& diagnostics) {
  const auto text = yaml::read_text_file(file, diagnostics);
  if (!text) return;
  const auto table = yaml::parse_csv(file, *text, {"date", "kind"}, {"name"}, diagnostics);
  if (!table) return;
  for (const yaml::CsvRow& row : table->rows) {
    const auto day = day_from(field_of(*table, row, "date"));
    const std::string_view kind = field_of(*table, row, "kind");
    if (!day || (kind != "off" && kind != "work")) {
      diagnostics.error("QZ-CFG-019", table->place_of(row), "应为日期（2008-02-06）和 off 或 work",
                        "a date (2008-02-06) and off or work are expected");
      continue;
    }
    (kind == "off" ? off : work).insert(*day);
  }
}

}  // namespace

Holidays::Holidays(bool weekends, std::set<Day> off, std::set<Day> work)
    : weekends_(weekends), off_(std::move(off)), work_(std::move(work)) {}

bool Holidays::is_off(Day day) const {
  if (off_.count(day) != 0) return true;
  return weekends_ && is_weekend(day) && work_.count(day) == 0;
}

Day Holidays::due(Day from, int days) const {
  Day day = from + days;
  for (int i = 0; i < longest_holiday && is_off(day); ++i) ++day;
  return day;
}

Day Holidays::latest_due(Day until, int days) const {
  Day from = until - days;
  for (int i = 0; i < longest_holiday && due(from, days) > until; ++i) --from;
  return from;
}

Holidays Holidays::with(const std::set<Day>& off, const std::set<Day>& work) const {
  Holidays more = *this;
  more.off_.insert(off.begin(), off.end());
  more.work_.insert(work.begin(), work.end());
  return more;
}

std::string Holidays::text() const {
  std::string text = weekends_ ? "weekends" : "";
  for (const Day day : off_) text += " -" + std::to_string(day);
  for (const Day day : work_) text += " +" + std::to_string(day);
  return text;
}

Holidays read_holidays(yaml::MapReader& root, std::string_view key, HolidayTable& table) {
  if (root.find(key) == nullptr) return Holidays(true);
  yaml::MapReader reader = root.map(key, true);
  const bool weekends = reader.boolean("weekends", true);
  const std::filesystem::path file = reader.file("file", {});
  table.table = reader.text("table", "");
  // Only a table needs it.
  reader.find("date");
  if (!table.table.empty()) {
    table.date = reader.text("date");
    table.kind = reader.text("kind", "");
  }
  reader.finish();
  std::set<Day> off;
  std::set<Day> work;
  if (!file.empty()) read_days(file, off, work, root.diagnostics());
  return Holidays(weekends, std::move(off), std::move(work));
}

}  // namespace qianzhi::desk
