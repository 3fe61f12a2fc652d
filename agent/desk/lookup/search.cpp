#include "agent/desk/lookup/search.h"

#include <algorithm>

#include "agent/desk/data/identifier.h"
#include "agent/desk/data/mask.h"
#include "agent/desk/standard/characters.h"
#include "agent/desk/standard/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk::lookup {

namespace {

constexpr Micros minute = 60'000'000;

[[noreturn]] void refuse(std::string_view code, std::string_view why) { throw Error(ErrorKind::rejected, code, why); }

SearchBy allowed_way(const Role& role, const Subject* subject, std::string_view word) {
  if (subject == nullptr || role.subjects.count(subject->id) == 0) refuse("QZ-DSK-211", "subject");
  for (const SearchBy by : role.search)
    if (word_of(by) == word && (by == SearchBy::code || !subject->name.empty())) return by;
  refuse("QZ-DSK-211", "way to search");
}

void check_text(SearchBy by, std::string_view text, const Limits& limits) {
  const std::u32string characters = standard::decoded(text);
  if (text.size() > 300) refuse("QZ-DSK-212", "too long");
  if (characters.find_first_of(U"*%?_＊％？") != characters.npos) refuse("QZ-DSK-212", "wildcards");
  standard::Changes changes;
  const std::u32string clean = standard::cleaned(text, changes);
  if (by == SearchBy::code) {
    if (clean.size() < 6) refuse("QZ-DSK-212", "too short");
  } else if (by == SearchBy::initials) {
    const bool is_letters = std::all_of(
        clean.begin(), clean.end(), [](char32_t c) { return (c >= U'A' && c <= U'Z') || (c >= U'0' && c <= U'9'); });
    if (!is_letters || clean.size() < std::max<std::size_t>(limits.characters, 3)) refuse("QZ-DSK-212", "too short");
  } else if (standard::name_of(text).core.size() < limits.characters) {
    // A place or a form alone would bring up everybody.
    refuse("QZ-DSK-212", "too short or too general");
  }
}

std::string shown_text(const Answer& answer) {
  std::string text;
  for (const Hit& hit : answer.hits)
    for (const auto& [item, value] : hit.items) text += std::to_string(value.size()) + ":" + item + "=" + value + "\n";
  return text;
}

}  // namespace

Search::Search(sqlite::Database& database, const LookupConfig& config, Index& index, Audit& audit, const Clock& clock)
    : database_(database), config_(config), index_(index), audit_(audit), clock_(clock) {}

void Search::count(const Account& account) {
  auto& [began, searches] = counts_[account.id];
  const Micros now = clock_.steady();
  if (now - began >= minute || searches == 0) {
    began = now;
    searches = 0;
  }
  if (++searches > config_.limits.searches) throw Error(ErrorKind::full, "QZ-DSK-214", "searches of this minute");
}

Answer Search::found(const Role& role, const Subject& subject, SearchBy by, std::string_view text) {
  std::vector<std::string> keys = index_.find(subject, by, text, config_.limits.hits + 1);
  Answer answer;
  answer.has_more = keys.size() > config_.limits.hits;
  if (answer.has_more) keys.resize(config_.limits.hits);
  std::vector<std::string> items;
  std::string sql;
  for (const std::string& item : role.items) {
    const auto column = subject.table.columns.find(item);
    if (column == subject.table.columns.end()) continue;
    sql += (items.empty() ? "SELECT " : ", ") + identifier(column->second);
    items.push_back(item);
  }
  if (items.empty()) return {};
  sql += " FROM " + subject.table.name;
  for (std::size_t i = 0; i < subject.table.key.size(); ++i)
    sql += (i == 0 ? " WHERE " : " AND ") + identifier(subject.table.columns.at(subject.table.key[i])) +
           " = json_extract(?1, '$[" + std::to_string(i) + "]')";
  for (const std::string& key : keys) {
    sqlite::Statement row = database_.prepare(sql);
    row.bind(1, key);
    if (!row.step()) continue;
    Hit hit;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string_view value = row.view(static_cast<int>(i));
      hit.items.emplace_back(items[i], role.masked.count(items[i]) != 0 ? masked(value) : std::string(value));
    }
    answer.hits.push_back(std::move(hit));
  }
  return answer;
}

Answer Search::ask(const Account& account, const Question& question) {
  const Role& role = config_.roles.at(account.role);
  AuditRow row;
  row.at = clock_.now();
  row.account = account.id;
  row.role = role.id;
  row.subject = standard::encoded(standard::decoded(question.subject).substr(0, 40));
  row.by = standard::encoded(standard::decoded(question.by).substr(0, 40));
  row.purpose = standard::encoded(standard::decoded(question.purpose).substr(0, 200));
  row.asked = question.text;
  row.outcome = "ok";
  Answer answer;
  try {
    count(account);
    const Subject* subject = config_.subject(question.subject);
    const SearchBy by = allowed_way(role, subject, question.by);
    standard::Changes changes;
    const std::size_t purpose = standard::cleaned(question.purpose, changes).size();
    if (purpose < 2 || purpose > 200) refuse("QZ-DSK-213", "purpose");
    check_text(by, question.text, config_.limits);
    answer = found(role, *subject, by, question.text);
  } catch (const Error& error) {
    row.outcome = error.code();
    audit_.write(row);
    throw;
  }
  row.hits = answer.hits.size();
  row.found = shown_text(answer);
  audit_.write(row);
  return answer;
}

}  // namespace qianzhi::desk::lookup
