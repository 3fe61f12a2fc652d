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
  // Equal texts: equal holidays.
  std::string text() const;

 private:
  bool weekends_;
  std::set<Day> off_;
  std::set<Day> work_;
};

// {weekends: true, file: holidays.csv}; the file has the columns date and kind (off or work). Absent: weekends only.
// Faults are diagnostics: QZ-CFG-019 and those of CSV files.
Holidays read_holidays(yaml::MapReader& root, std::string_view key);

}  // namespace qianzhi::desk
