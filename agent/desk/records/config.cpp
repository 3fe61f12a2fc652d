#include "agent/desk/records/config.h"

#include <algorithm>

#include "agent/desk/data/fingerprint.h"

namespace qianzhi::desk::records {

namespace {

using yaml::MapReader;
using yaml::Node;

constexpr std::string_view unknown_name = "QZ-DSK-202";
// To be raised when records of the same rows come out otherwise: they are then built anew.
constexpr std::string_view rules_version = "1";
constexpr std::string_view firm = "firm";
constexpr std::string_view person = "person";

// Names become parts of views: plain words only.
bool is_plain(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && name.size() <= 60 && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || c == '_' || (c >= '0' && c <= '9'); });
}

void complain(MapReader& reader, const yaml::Place& place, const std::string& name, std::string_view what_zh,
              std::string_view what_en) {
  reader.diagnostics().error(unknown_name, place, "没有" + std::string(what_zh) + " " + name,
                             "there is no " + std::string(what_en) + " " + name);
}

// The map below a key, entry by entry, with plain keys.
template <typename Visit>
void each_entry(MapReader& reader, std::string_view key, const Visit& visit) {
  const Node* node = reader.find(key);
  if (node == nullptr) return;
  if (!node->is_map()) return yaml::complain_kind(*node, reader.path_of(key), "map", reader.diagnostics());
  for (const yaml::Entry& entry : node->entries) {
    if (is_plain(entry.key))
      visit(entry);
    else
      yaml::complain_key(entry, reader.path_of(key), "名称只含小写字母、数字和下划线",
                         "names of small letters, digits and underscores", reader.diagnostics());
  }
}

std::optional<standard::CodeKind> code_kind_of(std::string_view word) {
  for (const standard::CodeKind kind :
       {standard::CodeKind::registration_number, standard::CodeKind::organisation_code, standard::CodeKind::credit_code,
        standard::CodeKind::taxpayer_id, standard::CodeKind::citizen_id})
    if (standard::word_of(kind) == word) return kind;
  return std::nullopt;
}

std::string item_in(MapReader& reader, const yaml::Entry& entry, const Table& table) {
  if (!entry.value.is_scalar()) {
    yaml::complain_kind(entry.value, reader.path_of(entry.key), "text", reader.diagnostics());
    return {};
  }
  if (!table.may_have(entry.value.text)) complain(reader, entry.value.place, entry.value.text, "数据项", "item");
  return entry.value.text;
}

RecordSource read_source(const yaml::Entry& entry, MapReader& parent, bool is_person,
                         const std::vector<Table>& tables) {
  MapReader reader(&entry.value, parent.path_of("sources." + entry.key), parent.diagnostics());
  RecordSource source;
  source.name = entry.key;
  const std::string id = reader.text("table");
  const auto table = std::find_if(tables.begin(), tables.end(), [&](const Table& one) { return one.id == id; });
  if (table != tables.end())
    source.table = *table;
  else if (!id.empty())
    complain(reader, reader.find("table")->place, id, "表", "table");
  each_entry(reader, "codes", [&](const yaml::Entry& code) {
    const auto kind = code_kind_of(code.key);
    if (kind && (*kind == standard::CodeKind::citizen_id) == is_person)
      source.codes[*kind] = item_in(reader, code, source.table);
    else
      complain(reader, code.key_place, code.key, "代码种类", "kind of code");
  });
  each_entry(reader, "items",
             [&](const yaml::Entry& item) { source.items[item.key] = item_in(reader, item, source.table); });
  const Node* time = reader.find("time");
  const std::string item = reader.text("time", "");
  const auto column = source.table.columns.find(time == nullptr ? "qz_seen" : item);
  if (column != source.table.columns.end()) source.time = column->second;
  if (!source.table.may_have(item) && !item.empty()) complain(reader, time->place, item, "数据项", "item");
  reader.finish();
  return source;
}

RecordItem read_item(const yaml::Entry& entry, MapReader& parent, const RecordKind& kind) {
  MapReader reader(&entry.value, parent.path_of("items." + entry.key), parent.diagnostics());
  RecordItem item;
  item.id = entry.key;
  for (const Node* name : reader.list("from", true)) {
    const RecordSource* source = kind.source(name->text);
    if (source == nullptr || source->items.count(item.id) == 0)
      complain(reader, name->place, name->text, "给出此项的来源", "source that gives this item");
    item.from.push_back(name->text);
  }
  if (reader.find("from") == nullptr) reader.require("from");
  item.rule = reader.choice<ConflictRule>("rule",
                                          {{"ordered", ConflictRule::ordered},
                                           {"newest", ConflictRule::newest},
                                           {"authoritative", ConflictRule::authoritative}},
                                          ConflictRule::ordered);
  item.standard = reader.choice<Standard>("standard",
                                          {{"text", Standard::text},
                                           {"name", Standard::name},
                                           {"address", Standard::address},
                                           {"person", Standard::person},
                                           {"date", Standard::date}},
                                          Standard::text);
  reader.finish();
  return item;
}

RecordKind read_kind(const yaml::Entry& entry, MapReader& parent, const std::vector<Table>& tables) {
  MapReader reader(&entry.value, parent.path_of(entry.key), parent.diagnostics());
  RecordKind kind;
  kind.id = entry.key;
  kind.base = reader.text("base");
  each_entry(reader, "sources", [&](const yaml::Entry& source) {
    kind.sources.push_back(read_source(source, reader, kind.id == person, tables));
  });
  if (!kind.base.empty() && kind.source(kind.base) == nullptr)
    complain(reader, reader.find("base")->place, kind.base, "来源", "source");
  each_entry(reader, "items", [&](const yaml::Entry& item) { kind.items.push_back(read_item(item, reader, kind)); });
  if (reader.find("match") != nullptr) {
    MapReader match = reader.map("match", false);
    kind.match = MatchItems{match.text("name"), match.text("person", ""), match.text("address", "")};
    for (const char* key : {"name", "person", "address"}) {
      const Node* item = match.find(key);
      const bool is_known = item == nullptr || !item->is_scalar() ||
                            std::any_of(kind.items.begin(), kind.items.end(),
                                        [&](const RecordItem& one) { return one.id == item->text; });
      if (!is_known) complain(match, item->place, item->text, "数据项", "item");
    }
    match.finish();
  }
  reader.finish();
  return kind;
}

}  // namespace

const RecordSource* RecordKind::source(std::string_view name) const {
  const auto found =
      std::find_if(sources.begin(), sources.end(), [&](const RecordSource& one) { return one.name == name; });
  return found == sources.end() ? nullptr : &*found;
}

std::int64_t RecordsConfig::fingerprint() const {
  Fingerprint print;
  print.add(rules_version);
  for (const RecordKind& kind : kinds) {
    print.add(kind.id).add(kind.base);
    for (const RecordSource& source : kind.sources) {
      print.add("source").add(source.name).add(source.table.name).add(source.time);
      for (const std::string& item : source.table.key) print.add(source.table.columns.at(item));
      for (const auto& [code, item] : source.codes)
        print.add(standard::word_of(code)).add(source.table.columns.at(item));
      for (const auto& [item, column] : source.items) print.add(item).add(source.table.columns.at(column));
    }
    for (const RecordItem& item : kind.items) {
      print.add("item").add(item.id).add(std::to_string(static_cast<int>(item.rule)));
      print.add(std::to_string(static_cast<int>(item.standard)));
      for (const std::string& source : item.from) print.add(source);
    }
  }
  return print.value();
}

RecordsConfig read_records(MapReader& reader, const std::vector<Table>& tables) {
  RecordsConfig config;
  for (const std::string_view id : {firm, person})
    if (const Node* node = reader.find(id))
      config.kinds.push_back(read_kind(yaml::Entry{std::string(id), node->place, *node}, reader, tables));
  reader.finish();
  return config;
}

}  // namespace qianzhi::desk::records
