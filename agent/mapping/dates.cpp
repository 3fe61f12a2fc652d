#include "agent/mapping/dates.h"

#include <array>
#include <cstdint>
#include <utility>

#include "agent/mapping/text.h"
#include "agent/mapping/types.h"

namespace qianzhi::mapping {

namespace {

struct Day {
  int year = 0;
  int month = 0;
  int day = 0;
};

constexpr int ten = 10;
constexpr std::array<std::pair<std::string_view, int>, 13> numerals = {{{"〇", 0},
                                                                        {"零", 0},
                                                                        {"○", 0},
                                                                        {"一", 1},
                                                                        {"二", 2},
                                                                        {"三", 3},
                                                                        {"四", 4},
                                                                        {"五", 5},
                                                                        {"六", 6},
                                                                        {"七", 7},
                                                                        {"八", 8},
                                                                        {"九", 9},
                                                                        {"十", ten}}};

// Reads a text from its front; every function leaves it where it was if it does not find what it is asked for.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  std::string_view rest() const { return text_; }

  bool take(std::string_view word) {
    if (text_.substr(0, word.size()) != word) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  bool take_spaces() {
    bool any = false;
    while (take(" ")) any = true;
    return any;
  }

  // Between least and most digits, and no further digit behind them; -1 if not.
  int number(std::size_t least, std::size_t most) {
    std::size_t size = 0;
    while (size < text_.size() && is_digit(text_[size])) ++size;
    if (size < least || size > most) return -1;
    int value = 0;
    for (const char c : text_.substr(0, size)) value = value * 10 + (c - '0');
    text_.remove_prefix(size);
    return value;
  }

  // 二〇二四: exactly four numerals; -1 if not.
  int chinese_year() {
    int value = 0;
    for (int i = 0; i < 4; ++i) {
      const int digit = numeral();
      if (digit < 0 || digit >= ten) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  // 一 to 九十九: -1 if not.
  int chinese_number() {
    const int first = numeral();
    if (first < 0) return -1;
    if (first != ten && !take("十")) return first;
    const std::string_view before = text_;
    const int units = numeral();
    if (units <= 0 || units >= ten) text_ = before;
    const int unit = units > 0 && units < ten ? units : 0;
    return (first == ten ? 10 : first * 10) + unit;
  }

 private:
  int numeral() {
    for (const auto& [word, value] : numerals)
      if (take(word)) return value;
    return -1;
  }

  std::string_view text_;
};

void append_padded(std::string& out, int value, int width) {
  const std::string digits = std::to_string(value);
  for (int i = static_cast<int>(digits.size()); i < width; ++i) out += '0';
  out += digits;
}

std::string text_of(const Day& day) {
  std::string out;
  append_padded(out, day.year, 4);
  out += '-';
  append_padded(out, day.month, 2);
  out += '-';
  append_padded(out, day.day, 2);
  return out;
}

std::optional<Day> valid(int year, int month, int day) {
  if (!is_calendar_date(year, month, day)) return std::nullopt;
  return Day{year, month, day};
}

// 20240105, 20240105123000 leaves the time without its colons.
std::optional<Day> read_compact(Reader& reader) {
  const std::string_view text = reader.rest();
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) ++size;
  if (size != 8 && !(size == 14 && size == text.size())) return std::nullopt;
  Reader year(text.substr(0, 4));
  Reader month(text.substr(4, 2));
  Reader day(text.substr(6, 2));
  reader = Reader(text.substr(8));
  return valid(year.number(4, 4), month.number(2, 2), day.number(2, 2));
}

std::optional<Day> read_chinese(Reader reader_after_year, Reader& reader, int year) {
  Reader r = reader_after_year;
  r.take_spaces();
  int month = r.number(1, 2);
  if (month < 0) month = r.chinese_number();
  r.take_spaces();
  if (!r.take("月")) return std::nullopt;
  r.take_spaces();
  int day = r.number(1, 2);
  if (day < 0) day = r.chinese_number();
  r.take_spaces();
  if (!r.take("日")) r.take("号");
  reader = r;
  return valid(year, month, day);
}

// The date at the front, in any form; the reader is left behind it.
std::optional<Day> read_loose(Reader& reader) {
  if (const auto compact = read_compact(reader)) return compact;
  Reader r = reader;
  int year = r.number(4, 4);
  if (year < 0) {
    r = reader;
    year = r.chinese_year();
  }
  if (year < 0) return std::nullopt;
  const Reader after_year = r;
  r.take_spaces();
  if (r.take("年")) return read_chinese(r, reader, year);
  r = after_year;
  for (const std::string_view separator : {"-", "/", "."}) {
    if (!r.take(separator)) continue;
    const int month = r.number(1, 2);
    if (!r.take(separator)) return std::nullopt;
    const int day = r.number(1, 2);
    reader = r;
    return valid(year, month, day);
  }
  return std::nullopt;
}

struct Time {
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::string fraction;  // six digits, or empty for zero
};

// Six digits at most may be significant.
bool read_fraction(Reader& reader, std::string& fraction) {
  std::string digits;
  while (!reader.at_end() && is_digit(reader.rest().front())) {
    digits += reader.rest().front();
    reader.take(reader.rest().substr(0, 1));
  }
  if (digits.empty()) return false;
  if (digits.find_first_not_of('0') == std::string::npos) return true;
  if (digits.size() > 6 && digits.find_first_not_of('0', 6) != std::string::npos) return false;
  digits.resize(6, '0');
  fraction = digits;
  return true;
}

std::optional<Time> read_time(Reader& reader, bool loose) {
  Time time;
  const std::string_view text = reader.rest();
  if (loose && text.size() == 6 && text.find_first_not_of("0123456789") == std::string_view::npos) {
    time.hour = Reader(text.substr(0, 2)).number(2, 2);
    time.minute = Reader(text.substr(2, 2)).number(2, 2);
    time.second = Reader(text.substr(4, 2)).number(2, 2);
    reader = Reader({});
  } else {
    time.hour = reader.number(loose ? 1 : 2, 2);
    if (!reader.take(":")) return std::nullopt;
    time.minute = reader.number(2, 2);
    if (reader.take(":")) {
      time.second = reader.number(2, 2);
      if (reader.take(".") && !read_fraction(reader, time.fraction)) return std::nullopt;
    } else if (!loose) {
      return std::nullopt;
    }
  }
  const bool good =
      time.hour >= 0 && time.hour < 24 && time.minute >= 0 && time.minute < 60 && time.second >= 0 && time.second < 60;
  return good ? std::optional(time) : std::nullopt;
}

// Minutes east of Greenwich; nothing if it is malformed.
std::optional<int> read_offset(Reader& reader) {
  const int sign = reader.take("+") ? 1 : reader.take("-") ? -1 : 0;
  if (sign == 0) return std::nullopt;
  Reader r = reader;
  int hours = r.number(2, 2);
  int minutes = 0;
  if (hours >= 0) {
    if (r.take(":")) minutes = r.number(2, 2);
  } else {
    r = reader;
    const int both = r.number(4, 4);
    if (both < 0) return std::nullopt;
    hours = both / 100;
    minutes = both % 100;
  }
  if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59) return std::nullopt;
  reader = r;
  return sign * (hours * 60 + minutes);
}

int days_in(int year, int month) {
  constexpr std::array<int, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : lengths[static_cast<std::size_t>(month - 1)];
}

// By less than a day, so one step is enough.
bool shift(Day& day, Time& time, int minutes) {
  int total = time.hour * 60 + time.minute + minutes;
  if (total < 0) {
    total += 24 * 60;
    if (--day.day == 0) {
      if (--day.month == 0) {
        day.month = 12;
        --day.year;
      }
      if (day.year < 1) return false;
      day.day = days_in(day.year, day.month);
    }
  } else if (total >= 24 * 60) {
    total -= 24 * 60;
    if (++day.day > days_in(day.year, day.month)) {
      day.day = 1;
      if (++day.month > 12) {
        day.month = 1;
        ++day.year;
      }
    }
  }
  time.hour = total / 60;
  time.minute = total % 60;
  return day.year <= 9999;
}

std::string text_of(const Day& day, const Time& time, bool instant) {
  std::string out = text_of(day);
  out += 'T';
  append_padded(out, time.hour, 2);
  out += ':';
  append_padded(out, time.minute, 2);
  out += ':';
  append_padded(out, time.second, 2);
  if (!time.fraction.empty()) out += '.' + time.fraction;
  if (instant) out += 'Z';
  return out;
}

// Between date and time. 14 digits have nothing between them.
bool take_gap(Reader& reader, bool loose, bool compact) {
  if (reader.take("T")) return true;
  if (loose ? reader.take_spaces() : reader.take(" ")) return true;
  return loose && compact;
}

}  // namespace

bool is_calendar_date(int year, int month, int day) {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
}

bool is_canonical_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t at : {0, 1, 2, 3, 5, 6, 8, 9})
    if (!is_digit(text[at])) return false;
  const auto pair = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  return is_calendar_date(pair(0) * 100 + pair(2), pair(5), pair(8));
}

bool is_canonical_timestamp(std::string_view text) {
  if (!text.empty() && text.back() == 'Z') text.remove_suffix(1);
  constexpr std::size_t seconds = 19;
  constexpr std::size_t micros = 26;
  if (text.size() != seconds && text.size() != micros) return false;
  if (!is_canonical_date(text.substr(0, 10)) || text[10] != 'T' || text[13] != ':' || text[16] != ':') return false;
  for (const std::size_t at : {11, 12, 14, 15, 17, 18})
    if (!is_digit(text[at])) return false;
  if (text.substr(11, 2) > "23" || text[14] > '5' || text[17] > '5') return false;
  if (text.size() == seconds) return true;
  const std::string_view fraction = text.substr(seconds + 1);
  return text[seconds] == '.' && is_digits(fraction) && fraction != "000000";
}

std::optional<std::string> date_of(std::string_view text) {
  const std::string half = to_half_width(text);
  Reader reader(trimmed(half));
  const bool compact = reader.rest().size() == 14;
  const auto day = read_loose(reader);
  if (!day) return std::nullopt;
  if (reader.at_end()) return text_of(*day);
  if (!take_gap(reader, true, compact)) return std::nullopt;
  const auto time = read_time(reader, true);
  const bool midnight = time && time->hour == 0 && time->minute == 0 && time->second == 0 && time->fraction.empty();
  if (!midnight || !reader.at_end()) return std::nullopt;
  return text_of(*day);
}

std::optional<std::string> year_of(std::string_view text) {
  const std::string half = to_half_width(text);
  Reader reader(trimmed(half));
  int year = reader.number(4, 4);
  if (year < 0) year = reader.chinese_year();
  reader.take_spaces();
  if (reader.take("年")) reader.take("度");
  if (year < 1 || !reader.at_end()) return std::nullopt;
  std::string out;
  append_padded(out, year, 4);
  return out;
}

std::optional<std::string> timestamp_of(std::string_view text, bool loose) {
  const std::string half = loose ? to_half_width(text) : std::string(text);
  Reader reader(loose ? trimmed(half) : std::string_view(half));
  const bool compact = reader.rest().size() == 14;
  std::optional<Day> day;
  if (loose) {
    day = read_loose(reader);
  } else if (is_canonical_date(reader.rest().substr(0, 10))) {
    Reader date(reader.rest().substr(0, 10));
    day = read_loose(date);
    reader = Reader(reader.rest().substr(10));
  }
  if (!day) return std::nullopt;
  if (loose && reader.at_end()) return text_of(*day, Time{}, false);
  if (!take_gap(reader, loose, compact)) return std::nullopt;
  auto time = read_time(reader, loose);
  if (!time) return std::nullopt;
  reader.take_spaces();
  if (reader.at_end()) return text_of(*day, *time, false);
  if (reader.take("Z")) return reader.at_end() ? std::optional(text_of(*day, *time, true)) : std::nullopt;
  const auto offset = read_offset(reader);
  if (!offset || !reader.at_end() || !shift(*day, *time, -*offset)) return std::nullopt;
  return text_of(*day, *time, true);
}

bool is_zero_date(std::string_view text) {
  if (text.substr(0, 10) != "0000-00-00") return false;
  const std::string_view rest = text.substr(10);
  return rest.find_first_not_of("T :.0") == std::string_view::npos;
}

}  // namespace qianzhi::mapping
