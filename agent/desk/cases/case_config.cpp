#include "agent/desk/cases/case_config.h"

#include <algorithm>
#include <set>

namespace qianzhi::desk {

namespace {

template <class Visit>
void each_entry(yaml::MapReader& reader, std::string_view key, const Visit& visit) {
  const yaml::Node* node = reader.find(key);
  if (node == nullptr) return;
  if (!node->is_sequence()) return yaml::complain_kind(*node, reader.path_of(key), "list", reader.diagnostics());
  std::size_t number = 0;
  for (const yaml::Node& item : node->items) {
    yaml::MapReader entry(&item, reader.path_of(key) + "[" + std::to_string(++number) + "]", reader.diagnostics());
    visit(entry);
    entry.finish();
  }
}

CaseNotice read_notice(yaml::MapReader& reader, std::string_view key, const std::vector<std::string>& outlets) {
  CaseNotice notice;
  if (reader.find(key) == nullptr) return notice;
  yaml::MapReader map = reader.map(key, true);
  const yaml::Node* outlet = map.find("outlet");
  notice.outlet = map.text("outlet");
  if (outlet != nullptr && std::find(outlets.begin(), outlets.end(), notice.outlet) == outlets.end())
    yaml::complain_form(*outlet, map.path_of("outlet"), "outlets 中的名字", "an id of outlets", map.diagnostics());
  notice.fields = read_templates(map, "fields", {});
  map.finish();
  return notice;
}

OutcomeKind read_outcome(yaml::MapReader& reader) {
  OutcomeKind outcome;
  outcome.id = reader.id("id");
  outcome.title = reader.text("title");
  outcome.title_en = reader.text("title_en", outcome.id);
  for (const yaml::Node* node : reader.list("codes", true)) outcome.codes.push_back(node->text);
  outcome.ends = reader.boolean("ends", true);
  outcome.not_found = reader.boolean("not_found", false);
  return outcome;
}

ResultTable read_results(yaml::MapReader& reader) {
  ResultTable results;
  results.table = reader.text("table");
  results.number = reader.text("case", "");
  results.subject = results.number.empty() ? reader.text("subject") : reader.text("subject", "");
  results.party = reader.text("party", "");
  results.code = reader.text("code");
  results.person = reader.text("person", "");
  results.time = reader.text("time");
  results.note = reader.text("note", "");
  return results;
}

void read_offices(yaml::MapReader& reader, CaseRule& rule) {
  rule.default_office = reader.text("default_office", "");
  const yaml::Node* offices = reader.find("offices");
  if (offices == nullptr) return;
  if (!offices->is_map()) return yaml::complain_kind(*offices, reader.path_of("offices"), "map", reader.diagnostics());
  for (const yaml::Entry& entry : offices->entries) {
    if (!entry.value.is_scalar())
      yaml::complain_kind(entry.value, reader.path_of("offices"), "text", reader.diagnostics());
    rule.offices[entry.key] = entry.value.text;
  }
}

constexpr std::uint64_t most_days = 3660;

CaseRule read_rule(yaml::MapReader& reader, const std::vector<std::string>& outlets) {
  CaseRule rule;
  rule.rule = reader.id("rule");
  rule.deadline = static_cast<int>(reader.integer("deadline", 1, most_days, 0));
  read_offices(reader, rule);
  rule.notice = read_notice(reader, "notice", outlets);
  rule.warning = read_notice(reader, "warning", outlets);
  rule.urge = read_notice(reader, "urge", outlets);
  each_entry(reader, "outcomes", [&](yaml::MapReader& entry) { rule.outcomes.push_back(read_outcome(entry)); });
  if (rule.outcomes.empty()) rule.outcomes = visit_outcomes();
  if (reader.find("persons") != nullptr) {
    yaml::MapReader persons = reader.map("persons", true);
    rule.persons = {persons.text("table"), persons.text("subject"), persons.text("name"), persons.text("document", "")};
    persons.finish();
  }
  rule.kind = reader.text("kind", "");
  rule.purpose = reader.text("purpose", "");
  rule.basis = reader.text("basis", "");
  rule.appeal_days = static_cast<int>(reader.integer("appeal_days", 1, most_days, 0));
  each_entry(reader, "results", [&](yaml::MapReader& entry) { rule.results.push_back(read_results(entry)); });
  return rule;
}

Staff read_staff(yaml::MapReader& reader) {
  Staff staff;
  staff.user = reader.text("user");
  reader.require("role");
  staff.role = reader.choice<CaseRole>(
      "role", {{"viewer", CaseRole::viewer}, {"officer", CaseRole::officer}, {"head", CaseRole::head}},
      CaseRole::viewer);
  for (const yaml::Node* node : reader.list("offices", true)) staff.offices.push_back(node->text);
  staff.review = reader.boolean("review", false);
  if (reader.find("masked") == nullptr && staff.role == CaseRole::viewer) staff.masked = {"document"};
  for (const yaml::Node* node : reader.list("masked", true)) {
    if (node->text != "name" && node->text != "document")
      yaml::complain_form(*node, reader.path_of("masked"), "name 或 document", "name or document",
                          reader.diagnostics());
    staff.masked.insert(node->text);
  }
  return staff;
}

}  // namespace

std::vector<OutcomeKind> visit_outcomes() {
  return {{"found_registered", "找到企业已登记", "found, registered", {"1"}, false, false},
          {"found_unregistered", "找到企业未登记", "found, not registered", {"2"}, false, false},
          {"not_found", "实地查找不到", "not found", {"3"}, true, true}};
}

std::string CaseRule::office_for(std::string_view area) const {
  std::string office = default_office;
  std::size_t longest = 0;
  for (const auto& [prefix, name] : offices) {
    if (prefix.size() < longest || prefix.empty() || area.substr(0, prefix.size()) != prefix) continue;
    longest = prefix.size();
    office = name;
  }
  return office;
}

const OutcomeKind* CaseRule::outcome(std::string_view word) const {
  for (const OutcomeKind& each : outcomes)
    if (each.id == word || each.title == word || each.title_en == word ||
        std::find(each.codes.begin(), each.codes.end(), word) != each.codes.end())
      return &each;
  return nullptr;
}

const CaseRule* CasesConfig::rule(std::string_view id) const {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const CaseRule& each) { return each.rule == id; });
  return found == rules.end() ? nullptr : &*found;
}

const Staff* CasesConfig::person(std::string_view user) const {
  const auto found = std::find_if(staff.begin(), staff.end(), [&](const Staff& each) { return each.user == user; });
  return found == staff.end() ? nullptr : &*found;
}

CasesConfig read_cases(yaml::MapReader& root, const std::vector<std::string>& outlets) {
  CasesConfig config;
  std::set<std::string> rules;
  each_entry(root, "cases", [&](yaml::MapReader& entry) {
    config.rules.push_back(read_rule(entry, outlets));
    const yaml::Node* name = entry.find("rule");
    if (name != nullptr && !rules.insert(config.rules.back().rule).second)
      yaml::complain_form(*name, entry.path_of("rule"), "每条规则只写一次", "each rule once", entry.diagnostics());
  });
  each_entry(root, "case_staff", [&](yaml::MapReader& entry) { config.staff.push_back(read_staff(entry)); });
  return config;
}

}  // namespace qianzhi::desk
