#include <algorithm>

#include "agent/desk/rules/report.h"
#include "agent/desk/rules/rule_reader.h"

namespace qianzhi::desk {

namespace {

using yaml::MapReader;
using yaml::Node;

constexpr std::uint64_t most_decimals = 6;
constexpr std::uint64_t most_characters = 40;

// "area_code", or {item: establishment_date, part: month, title: 月份}
GroupBy read_group(const Node& node, const std::string& path, yaml::Diagnostics& diagnostics) {
  GroupBy group;
  if (node.is_scalar()) {
    group.item = group.title = group.title_en = node.text;
    return group;
  }
  MapReader reader(&node, path, diagnostics);
  group.item = reader.text("item");
  group.part = reader.choice<GroupBy::Part>("part",
                                            {{"whole", GroupBy::Part::whole},
                                             {"year", GroupBy::Part::year},
                                             {"quarter", GroupBy::Part::quarter},
                                             {"month", GroupBy::Part::month}},
                                            GroupBy::Part::whole);
  group.characters = static_cast<int>(reader.integer("beginning", 1, most_characters, 0));
  if (group.characters > 0) group.part = GroupBy::Part::beginning;
  group.title = reader.text("title", group.item);
  group.title_en = reader.text("title_en", group.title);
  reader.finish();
  return group;
}

void read_groups(MapReader& reader, Report& report) {
  const Node* node = reader.find("by");
  if (node == nullptr) return;
  if (!node->is_sequence()) {
    report.by.push_back(read_group(*node, reader.path_of("by"), reader.diagnostics()));
    return;
  }
  for (const Node& item : node->items)
    report.by.push_back(read_group(item, reader.path_of("by"), reader.diagnostics()));
}

void read_beside_of(MapReader& reader, std::string_view key, const DeskConfig& config, Measure& measure) {
  each_map(reader, key, [&](MapReader& entry) {
    Beside beside;
    beside.linked = read_linked(entry, config);
    beside.on = entry.text("on", {});
    beside.within = read_days(entry, "within");
    beside.wanted = key == "has";
    if (beside.within >= 0 && beside.on.empty())
      entry.diagnostics().error("QZ-CFG-013", entry.place(), entry.path() + "：within 需要 on",
                                entry.path() + ": within needs on");
    measure.beside.push_back(std::move(beside));
  });
}

void read_found(MapReader& reader, Measure& measure) {
  each_map(reader, "finding", [&](MapReader& entry) {
    Found found;
    found.rule = entry.text("rule");
    found.party = entry.text("party", {});
    found.level = entry.choice<std::string>("level", {{"notice", "notice"}, {"warning", "warning"}}, {});
    found.state = entry.choice<Found::State>(
        "state", {{"any", Found::State::any}, {"open", Found::State::open}, {"closed", Found::State::closed}},
        Found::State::any);
    measure.found.push_back(std::move(found));
  });
}

// Exactly one of count (nothing written), distinct, sum and share.
void read_kind(MapReader& reader, Measure& measure, std::vector<std::string>& used) {
  const Node* share = reader.find("share");
  measure.item = reader.text("sum", reader.text("distinct", {}));
  if (reader.find("distinct") != nullptr) measure.kind = Measure::Kind::distinct;
  if (reader.find("sum") != nullptr) measure.kind = Measure::Kind::sum;
  measure.decimals = static_cast<int>(reader.integer("decimals", 0, most_decimals, share == nullptr ? 0 : 1));
  if (share == nullptr) return;
  measure.kind = Measure::Kind::share;
  MapReader parts = reader.map("share", true);
  measure.part = parts.text("part");
  measure.whole = parts.text("whole");
  parts.finish();
  for (const std::string& name : {measure.part, measure.whole})
    if (!name.empty() && std::find(used.begin(), used.end(), name) == used.end())
      reader.diagnostics().error("QZ-CFG-030", share->place, "前面没有指标 \"" + name + "\"",
                                 "no measure \"" + name + "\" comes before");
}

void read_measures(MapReader& reader, const DeskConfig& config, Report& report) {
  std::vector<std::string> used;
  each_map(reader, "measures", [&](MapReader& entry) {
    Measure measure;
    measure.id = entry.id("id");
    read_kind(entry, measure, used);
    check_unique(entry, measure.id, used);
    measure.title = entry.text("title", measure.id);
    measure.title_en = entry.text("title_en", measure.title);
    measure.filter = read_filter(entry);
    read_beside_of(entry, "has", config, measure);
    read_beside_of(entry, "lacks", config, measure);
    read_found(entry, measure);
    report.measures.push_back(std::move(measure));
  });
  if (report.measures.empty())
    reader.diagnostics().error("QZ-CFG-013", reader.place(), reader.path() + "：至少要有一个 measures",
                               reader.path() + ": at least one of measures is needed");
}

}  // namespace

void read_reports(MapReader& root, const DeskConfig& config, std::vector<Report>& reports) {
  std::vector<std::string> used;
  used.reserve(reports.size());
  for (const Report& report : reports) used.push_back(report.id);
  each_map(root, "reports", [&](MapReader& reader) {
    Report report;
    report.place = reader.place();
    report.id = reader.id("id");
    check_unique(reader, report.id, used);
    report.title = reader.text("title");
    report.title_en = reader.text("title_en", report.title);
    read_groups(reader, report);
    report.is_consistency = reader.find("rule") != nullptr;
    if (report.is_consistency) {
      report.rule = reader.text("rule");
      report.decimals = static_cast<int>(reader.integer("decimals", 0, most_decimals, 1));
    } else {
      MapReader base = reader.map("base", true);
      report.base = read_base(base, config, false);
      base.finish();
      read_measures(reader, config, report);
    }
    reports.push_back(std::move(report));
  });
}

}  // namespace qianzhi::desk
