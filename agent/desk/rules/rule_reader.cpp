#include "agent/desk/rules/rule_reader.h"

#include <algorithm>

namespace qianzhi::desk {

namespace {

using yaml::MapReader;

constexpr std::size_t most_grouped = 8;
constexpr std::uint64_t most_allowed = 1'000'000;
constexpr Micros least_every = 1'000'000;

void complain_together(MapReader& reader, const std::string& zh, const std::string& en) {
  reader.diagnostics().error("QZ-CFG-013", reader.place(), reader.path() + "：" + zh, reader.path() + ": " + en);
}

// "02:30", as minutes after midnight.
int read_minute(MapReader& reader, std::string_view key) {
  const yaml::Node* node = reader.find(key);
  if (node == nullptr) return -1;
  const std::string time = reader.text(key);
  const auto digit = [&](std::size_t at) { return time[at] >= '0' && time[at] <= '9' ? time[at] - '0' : 100; };
  if (time.size() == 5 && time[2] == ':') {
    const int hour = digit(0) * 10 + digit(1);
    const int minute = digit(3) * 10 + digit(4);
    if (hour < 24 && minute < 60) return hour * 60 + minute;
  }
  complain_form(*node, reader.path_of(key), "时刻，例如 02:00", "a time of day such as 02:00", reader.diagnostics());
  return -1;
}

Schedule read_schedule(MapReader& reader) {
  Schedule schedule;
  schedule.on_change = reader.boolean("on_change", false);
  schedule.every = reader.duration("every", 0);
  schedule.daily = read_minute(reader, "daily");
  if (reader.find("every") != nullptr && schedule.every < least_every)
    complain_form(*reader.find("every"), reader.path_of("every"), "至少 1s", "at least 1s", reader.diagnostics());
  return schedule;
}

std::vector<Compared> read_items(MapReader& reader) {
  std::vector<Compared> items;
  each_map(reader, "items", [&](MapReader& entry) {
    Compared item;
    item.item = entry.text("item");
    item.other = entry.text("other", item.item);
    item.likeness = entry.choice<Likeness>("as",
                                           {{"exact", Likeness::exact},
                                            {"text", Likeness::text},
                                            {"code", Likeness::code},
                                            {"name", Likeness::name},
                                            {"address", Likeness::address},
                                            {"date", Likeness::date}},
                                           Likeness::text);
    item.skip_empty = entry.boolean("skip_empty", false);
    items.push_back(std::move(item));
  });
  return items;
}

void read_parties(MapReader& reader, const DeskConfig& config, Rule& rule) {
  std::vector<std::string> used;
  each_map(reader, "parties", [&](MapReader& entry) {
    Party party;
    party.id = entry.id("party");
    check_unique(entry, party.id, used);
    party.linked = read_linked(entry, config);
    if (rule.kind == RuleKind::difference) party.items = read_items(entry);
    if (rule.kind == RuleKind::difference && party.items.empty())
      complain_together(entry, "缺少要比较的 items", "items to compare are missing");
    rule.parties.push_back(std::move(party));
  });
  if (rule.parties.empty()) complain_together(reader, "至少要有一个 parties", "at least one of parties is needed");
}

void read_exempt(MapReader& reader, const DeskConfig& config, Rule& rule) {
  each_map(reader, "exempt", [&](MapReader& entry) {
    Exemption exemption;
    exemption.linked = read_linked(entry, config);
    for (const std::string& party : texts_of(entry, "for")) {
      exemption.parties.insert(party);
      const bool is_there =
          std::any_of(rule.parties.begin(), rule.parties.end(), [&](const Party& p) { return p.id == party; });
      if (!is_there)
        entry.diagnostics().error("QZ-CFG-030", entry.find("for")->place, "\"" + party + "\" 不在 parties 中",
                                  "\"" + party + "\" is not among parties");
    }
    rule.exempt.push_back(std::move(exemption));
  });
}

void read_beside(MapReader& reader, const DeskConfig& config, Rule& rule) {
  MapReader base = reader.map("base", true);
  rule.base = read_base(base, config, true);
  base.finish();
  read_parties(reader, config, rule);
  read_exempt(reader, config, rule);
  if (rule.kind == RuleKind::difference) return;
  rule.notice = read_days(reader, "notice");
  rule.warning = read_days(reader, "warning");
  if ((rule.notice >= 0 || rule.warning >= 0) && rule.base.since.empty())
    complain_together(reader, "notice 和 warning 需要 base.since", "notice and warning need base.since");
  if (rule.notice >= 0 && rule.warning >= 0 && rule.warning < rule.notice)
    complain_together(reader, "warning 不能早于 notice", "warning cannot come before notice");
}

void read_grouped(MapReader& reader, const DeskConfig& config, Rule& rule) {
  each_map(reader, "tables", [&](MapReader& entry) {
    Grouped table;
    table.table = read_table_id(entry, config);
    table.group = texts_of(entry, "group");
    table.since = entry.text("since", {});
    table.area = entry.text("area", {});
    table.name = entry.text("name", {});
    table.amount = entry.text("amount", {});
    table.filter = read_filter(entry);
    if (table.group.empty() || table.group.size() > most_grouped ||
        (!rule.tables.empty() && rule.tables[0].group.size() != table.group.size()))
      complain_together(entry, "每个表的 group 要有同样多的数据项", "group needs equally many items in each table");
    rule.tables.push_back(std::move(table));
  });
  rule.most = reader.integer("most", 0, most_allowed, 1);
  rule.within = read_days(reader, "within");
  if (rule.tables.empty()) complain_together(reader, "至少要有一个 tables", "at least one of tables is needed");
  for (const Grouped& table : rule.tables)
    if (rule.within >= 0 && table.since.empty()) complain_together(reader, "within 需要 since", "within needs since");
}

void read_sql(MapReader& reader, const DeskConfig& config, Rule& rule) {
  rule.sql = reader.text("sql");
  each_map(reader, "touched_by", [&](MapReader& entry) {
    TouchedBy touched;
    touched.table = read_table_id(entry, config);
    touched.item = entry.text("item");
    rule.touched_by.push_back(std::move(touched));
  });
}

}  // namespace

void read_rules(MapReader& root, const DeskConfig& config, std::vector<Rule>& rules) {
  std::vector<std::string> used;
  used.reserve(rules.size());
  for (const Rule& rule : rules) used.push_back(rule.id);
  each_map(root, "rules", [&](MapReader& reader) {
    Rule rule;
    rule.place = reader.place();
    rule.id = reader.id("id");
    check_unique(reader, rule.id, used);
    reader.require("kind");
    reader.pin("kind");
    rule.kind = reader.choice<RuleKind>("kind",
                                        {{"missing", RuleKind::missing},
                                         {"contradiction", RuleKind::contradiction},
                                         {"duplicate", RuleKind::duplicate},
                                         {"difference", RuleKind::difference},
                                         {"sql", RuleKind::sql}},
                                        RuleKind::missing);
    rule.title = reader.text("title");
    rule.title_en = reader.text("title_en", rule.title);
    rule.level = reader.choice<std::string>("level", {{"notice", "notice"}, {"warning", "warning"}}, "warning");
    rule.schedule = read_schedule(reader);
    if (rule.kind == RuleKind::duplicate)
      read_grouped(reader, config, rule);
    else if (rule.kind == RuleKind::sql)
      read_sql(reader, config, rule);
    else
      read_beside(reader, config, rule);
    rules.push_back(std::move(rule));
  });
}

}  // namespace qianzhi::desk
