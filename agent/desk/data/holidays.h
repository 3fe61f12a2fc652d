// Days off, as far as deadlines care: a deadline that ends on one ends on the next day that is none.
#pragma once

#include <set>
#include <string>

#include "hub-protocol/base/calendar.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::desk {

class Holidays {
 public:
  // off: days off beside weekends; work: weekend days on which one works (调休). weekends: Saturday and Sunday are off.
  explicit Holidays(bool weekends = false, std::set<Day> off = {}, std::set<Day> work = {});

  bool is_off(Day day) const;
  // The last of so many calendar days after this day, or the next day that is not off.
  Day due(Day from, int days) const;
  // The latest day whose due() is `until` or earlier. due() never falls with the day, so that all earlier ones are,
  // too.
  Day latest_due(Day until, int days) const;
  // With these days, too.
  Holidays with(const std::set<Day>& off, const std::set<Day>& work) const;
  // Equal texts: equal holidays.
  std::string text() const;

 private:
  bool weekends_;
  std::set<Day> off_;
  std::set<Day> work_;
};

// Days off that come as a topic: a table of desk.yaml, whose rows are added to those of the file.
struct HolidayTable {
  std::string table;  // id; empty: none
  std::string date;   // item with YYYY-MM-DD
  std::string kind;   // item with off or work; empty: all are off
};

// {weekends: true, file: holidays.csv, table: calendar.holiday, date: day, kind: kind}; the file has the columns date
// and kind (off or work). Absent: weekends only. Faults are diagnostics: QZ-CFG-019 and those of CSV files.
Holidays read_holidays(yaml::MapReader& root, std::string_view key, HolidayTable& table);

}  // namespace qianzhi::desk
