// A code table of the catalogue (代码表): codes, what they mean and from when to when they hold.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace qianzhi {

struct CodeEntry {
  std::string code;
  std::string title;
  std::string from;   // YYYY-MM-DD, the first day on which it holds; empty: since ever
  std::string until;  // the first day on which it no longer holds (撤销日); empty: it holds
  bool operator==(const CodeEntry&) const = default;
};

enum class CodeState {
  in_force,
  not_in_force,  // it was abolished, or is not introduced yet: a warning, never a reason to reject
  unknown,
};

struct CodeTable {
  std::string id;
  std::string title;
  std::string title_en;
  std::string edition;             // "GB/T 2260-2007"
  bool partial = false;            // it does not hold every code: one that is not in it is nothing to be said about
  std::vector<CodeEntry> entries;  // sorted by code, then by from; times of one code do not overlap

  // day: YYYY-MM-DD, or empty: the dates are not looked at. In a partial table an unknown code is in_force.
  CodeState state_of(std::string_view code, std::string_view day) const;
  // What holds on that day; else the entry that was added last; null for an unknown code.
  const CodeEntry* find(std::string_view code, std::string_view day) const;
  bool operator==(const CodeTable&) const = default;
};

using CodeTables = std::map<std::string, CodeTable, std::less<>>;  // by id

inline constexpr std::size_t most_code_tables = 500;
inline constexpr std::size_t most_code_entries = 50'000;
inline constexpr std::size_t longest_code = 100;         // octets
inline constexpr std::size_t longest_code_title = 1000;  // octets

// A day of the calendar written YYYY-MM-DD.
bool is_day(std::string_view text);

// Sorts the entries as they must be.
void sort_entries(CodeTable& table);

// What is wrong with one entry, or with a table whose entries are sorted, in English; empty: nothing.
std::string fault_of(const CodeEntry& entry);
std::string fault_of(const CodeTable& table);

}  // namespace qianzhi
