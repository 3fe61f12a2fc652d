#include "hub-protocol/base/calendar.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace qianzhi {

namespace {

constexpr Micros beijing_ahead = 8 * Micros{3'600'000'000};
constexpr Micros micros_a_day = 24 * Micros{3'600'000'000};
constexpr Micros second = 1'000'000;

std::chrono::year_month_day date_of(Day day) { return std::chrono::sys_days(std::chrono::days(static_cast<int>(day))); }

Day day_of(std::chrono::year_month_day date) { return std::chrono::sys_days(date).time_since_epoch().count(); }

// Exactly these digits.
std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  return value;
}

std::optional<std::chrono::year_month> year_month_of(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5));
  if (!year || !month || *month < 1 || *month > 12) return std::nullopt;
  return std::chrono::year(*year) / std::chrono::month(static_cast<unsigned>(*month));
}

std::string padded(unsigned value, std::size_t width) {
  const std::string text = std::to_string(value);
  return std::string(width - std::min(width, text.size()), '0') + text;
}

}  // namespace

Day beijing_day(Micros time) {
  const Micros there = time + beijing_ahead;
  return there / micros_a_day - (there % micros_a_day < 0 ? 1 : 0);
}

Micros begin_of(Day day) { return day * micros_a_day - beijing_ahead; }

std::string date_text(Day day) {
  const auto date = date_of(day);
  return padded(static_cast<unsigned>(static_cast<int>(date.year())), 4) + "-" +
         padded(static_cast<unsigned>(date.month()), 2) + "-" + padded(static_cast<unsigned>(date.day()), 2);
}

std::string month_text(Day day) { return date_text(day).substr(0, 7); }

std::string beijing_text(Micros time) {
  const Day day = beijing_day(time);
  const auto seconds = static_cast<unsigned>((time - begin_of(day)) / second);
  return date_text(day) + " " + padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" +
         padded(seconds % 60, 2);
}

std::optional<Day> day_from(std::string_view date) {
  if (date.size() != 10 || date[7] != '-') return std::nullopt;
  const auto month = year_month_of(date.substr(0, 7));
  const auto day = digits(date.substr(8));
  if (!month || !day || *day < 1) return std::nullopt;
  const auto whole = *month / std::chrono::day(static_cast<unsigned>(*day));
  if (!whole.ok()) return std::nullopt;
  return day_of(whole);
}

std::optional<Days> month_from(std::string_view month) {
  const auto named = year_month_of(month);
  if (!named) return std::nullopt;
  const auto next = *named + std::chrono::months(1);
  return Days{day_of(*named / std::chrono::day(1)), day_of(next / std::chrono::day(1))};
}

std::optional<Micros> end_of_day(std::string_view date) {
  if (date == "none") return 0;
  const std::optional<Day> day = day_from(date);
  if (!day) return std::nullopt;
  return begin_of(*day + 1);
}

std::string last_day_text(Micros end) { return end == 0 ? "none" : date_text(beijing_day(end - 1)); }

}  // namespace qianzhi
