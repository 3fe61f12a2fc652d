#include "hub-protocol/model/code_table.h"

#include <algorithm>
#include <chrono>
#include <tuple>

namespace qianzhi {

namespace {

constexpr std::size_t day_length = 10;

bool is_before(const CodeEntry& a, const CodeEntry& b) { return std::tie(a.code, a.from) < std::tie(b.code, b.from); }

bool holds_on(const CodeEntry& entry, std::string_view day) {
  return day.empty() || (entry.from <= day && (entry.until.empty() || day < entry.until));
}

struct ByCode {
  bool operator()(const CodeEntry& entry, std::string_view code) const { return entry.code < code; }
  bool operator()(std::string_view code, const CodeEntry& entry) const { return code < entry.code; }
};

}  // namespace

bool is_day(std::string_view text) {
  if (text.size() != day_length || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t from, std::size_t size) {
    int value = 0;
    for (const char c : text.substr(from, size)) value = c < '0' || c > '9' ? -100'000 : value * 10 + (c - '0');
    return value;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  return year > 0 && month > 0 && day > 0 &&
         std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
             .ok();
}

CodeState CodeTable::state_of(std::string_view code, std::string_view day) const {
  const auto [first, last] = std::equal_range(entries.begin(), entries.end(), code, ByCode());
  if (first == last) return partial ? CodeState::in_force : CodeState::unknown;
  return std::any_of(first, last, [&](const CodeEntry& entry) { return holds_on(entry, day); })
             ? CodeState::in_force
             : CodeState::not_in_force;
}

const CodeEntry* CodeTable::find(std::string_view code, std::string_view day) const {
  const auto [first, last] = std::equal_range(entries.begin(), entries.end(), code, ByCode());
  if (first == last) return nullptr;
  const auto found = std::find_if(first, last, [&](const CodeEntry& entry) { return holds_on(entry, day); });
  return found != last ? &*found : &*(last - 1);
}

void sort_entries(CodeTable& table) { std::stable_sort(table.entries.begin(), table.entries.end(), is_before); }

std::string fault_of(const CodeEntry& entry) {
  if (entry.code.empty()) return "a code is empty";
  if (entry.code.size() > longest_code) return "a code is longer than 100 octets";
  if (entry.title.empty()) return "a code has no title";
  if (entry.title.size() > longest_code_title) return "a title is longer than 1000 octets";
  for (const std::string* day : {&entry.from, &entry.until})
    if (!day->empty() && !is_day(*day)) return "a date is not YYYY-MM-DD";
  if (!entry.until.empty() && entry.until <= entry.from) return "a code ends before it begins";
  return {};
}

std::string fault_of(const CodeTable& table) {
  if (table.id.empty()) return "a code table has no id";
  if (table.entries.size() > most_code_entries) return "a code table has more than 50000 entries";
  const CodeEntry* before = nullptr;
  for (const CodeEntry& entry : table.entries) {
    if (std::string fault = fault_of(entry); !fault.empty()) return fault;
    if (before != nullptr && is_before(entry, *before)) return "the entries of a code table are not sorted";
    if (before != nullptr && before->code == entry.code && (before->until.empty() || entry.from < before->until))
      return "a code holds twice at one time";
    before = &entry;
  }
  return {};
}

}  // namespace qianzhi
