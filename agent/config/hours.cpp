#include <algorithm>
#include <array>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

using yaml::MapReader;
using yaml::Node;

constexpr std::array<std::pair<std::string_view, int>, 7> weekday_names = {
    {{"mon", 1}, {"tue", 2}, {"wed", 3}, {"thu", 4}, {"fri", 5}, {"sat", 6}, {"sun", 7}}};

}  // namespace

int minute_of_day(MapReader& reader, std::string_view key) {
  const Node* node = reader.find(key);
  const std::string time = reader.text(key, {});
  reader.form(key, "^([01][0-9]|2[0-3]):[0-5][0-9]$");
  if (node == nullptr || time.empty()) return 0;
  const bool has_form =
      time.size() == 5 && time[2] == ':' &&
      std::all_of(time.begin(), time.end(), [](char c) { return (c >= '0' && c <= '9') || c == ':'; }) &&
      std::count(time.begin(), time.end(), ':') == 1;
  const int hour = has_form ? (time[0] - '0') * 10 + (time[1] - '0') : 24;
  const int minute = has_form ? (time[3] - '0') * 10 + (time[4] - '0') : 0;
  if (hour <= 23 && minute <= 59) return hour * 60 + minute;
  complain_form(*node, reader.path_of(key), "时刻，例如 02:00", "a time of day such as 02:00", reader.diagnostics());
  return 0;
}

std::set<int> weekdays_of(MapReader& reader, std::string_view key) {
  std::set<int> weekdays;
  std::vector<std::string> names;
  names.reserve(std::size(weekday_names));
  for (const auto& [name, number] : weekday_names) names.emplace_back(name);
  reader.words(key, names);
  for (const Node* day : reader.list(key, true)) {
    const auto* found =
        std::find_if(weekday_names.begin(), weekday_names.end(), [&](const auto& w) { return w.first == day->text; });
    if (found != weekday_names.end()) {
      weekdays.insert(found->second);
    } else {
      complain_form(*day, reader.path_of(key), "星期: mon tue wed thu fri sat sun",
                    "a day: mon tue wed thu fri sat sun", reader.diagnostics());
    }
  }
  return weekdays;
}

ThrottleConfig read_throttle(MapReader& source) {
  ThrottleConfig throttle;
  if (source.find("throttle") == nullptr) return throttle;
  MapReader reader = source.map("throttle", true);
  throttle.rows_per_second = reader.integer("rows_per_second", 1, 10'000'000);
  const bool has_hours = reader.find("from") != nullptr || reader.find("to") != nullptr;
  throttle.from = minute_of_day(reader, "from");
  throttle.to = minute_of_day(reader, "to");
  throttle.weekdays = weekdays_of(reader, "on");
  if (reader.is_map() && has_hours && (reader.find("from") == nullptr || reader.find("to") == nullptr))
    reader.diagnostics().error("QZ-CFG-013", reader.place(), reader.path() + " 中 from 和 to 要一起写",
                               reader.path() + ": from and to go together");
  reader.finish();
  return throttle;
}

}  // namespace qianzhi::config
