#include "agent/desk/lookup/config.h"

#include <algorithm>
#include <optional>

namespace qianzhi::desk::lookup {

namespace {

using yaml::MapReader;
using yaml::Node;

void complain_missing(MapReader& reader, const yaml::Place& place, const std::string& name, std::string_view what_zh,
                      std::string_view what_en) {
  reader.diagnostics().error("QZ-DSK-210", place, "没有" + std::string(what_zh) + " " + name,
                             "there is no " + std::string(what_en) + " " + name);
}

// Names become parts of tables' names: small letters, digits and underscores.
bool is_plain_id(std::string_view name) {
  return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

template <typename Visit>
void each_map_in(MapReader& parent, std::string_view key, const Visit& visit) {
  const Node* node = parent.require(key);
  if (node == nullptr) return;
  if (!node->is_map()) return yaml::complain_kind(*node, parent.path_of(key), "map", parent.diagnostics());
  for (const yaml::Entry& entry : node->entries) {
    MapReader reader(&entry.value, parent.path_of(key) + "." + entry.key, parent.diagnostics());
    if (!is_plain_id(entry.key))
      yaml::complain_key(entry, reader.path(), "名称只含小写字母、数字和下划线",
                         "names of small letters, digits and underscores", parent.diagnostics());
    visit(entry.key, reader);
    reader.finish();
  }
}

std::string known_item(MapReader& reader, const Node& node, const Table& table) {
  if (!table.may_have(node.text)) complain_missing(reader, node.place, node.text, "数据项", "item");
  return node.text;
}

void read_titles(MapReader& reader, Subject& subject) {
  const Node* titles = reader.find("titles");
  if (titles == nullptr) return;
  MapReader map = reader.map("titles", false);
  map.any_key();
  for (const yaml::Entry& entry : titles->entries) {
    if (!subject.table.may_have(entry.key)) complain_missing(reader, entry.key_place, entry.key, "数据项", "item");
    subject.titles[entry.key] = map.text(entry.key);
  }
}

Subject read_subject(const std::string& id, MapReader& reader, const std::vector<Table>& tables) {
  Subject subject;
  subject.id = id;
  subject.title = reader.text("title", id);
  subject.title_en = reader.text("title_en", id);
  const std::string name = reader.text("table");
  const auto table = std::find_if(tables.begin(), tables.end(), [&](const Table& one) { return one.id == name; });
  if (table != tables.end())
    subject.table = *table;
  else if (!name.empty())
    complain_missing(reader, reader.find("table")->place, name, "表", "table");
  const Node* item = reader.find("name");
  subject.name = reader.text("name", "");
  if (item != nullptr && !subject.name.empty()) known_item(reader, *item, subject.table);
  for (const Node* code : reader.list("codes", true)) subject.codes.push_back(known_item(reader, *code, subject.table));
  if (item == nullptr && subject.codes.empty()) reader.require("codes");
  read_titles(reader, subject);
  return subject;
}

std::optional<SearchBy> search_by_of(std::string_view word) {
  for (const SearchBy by : {SearchBy::code, SearchBy::name, SearchBy::initials})
    if (word_of(by) == word) return by;
  return std::nullopt;
}

Role read_role(const std::string& id, MapReader& reader, const LookupConfig& config) {
  Role role;
  role.id = id;
  const auto is_item = [&](const std::string& item) {
    return std::any_of(config.subjects.begin(), config.subjects.end(),
                       [&](const Subject& subject) { return subject.table.may_have(item); });
  };
  for (const Node* subject : reader.list("subjects", true)) {
    if (config.subject(subject->text) == nullptr)
      complain_missing(reader, subject->place, subject->text, "查询对象", "subject");
    role.subjects.insert(subject->text);
  }
  reader.words("search", {"code", "name", "initials"});
  for (const Node* word : reader.list("search", true)) {
    if (const auto by = search_by_of(word->text))
      role.search.insert(*by);
    else
      complain_missing(reader, word->place, word->text, "查询方式", "way to search");
  }
  for (const char* key : {"items", "masked"})
    for (const Node* item : reader.list(key, true)) {
      if (!is_item(item->text)) complain_missing(reader, item->place, item->text, "数据项", "item");
      role.items.push_back(item->text);
      if (key == std::string_view("masked")) role.masked.insert(item->text);
    }
  return role;
}

}  // namespace

std::string_view word_of(SearchBy by) {
  switch (by) {
    case SearchBy::code: return "code";
    case SearchBy::name: return "name";
    case SearchBy::initials: break;
  }
  return "initials";
}

const Subject* LookupConfig::subject(std::string_view id) const {
  const auto found = std::find_if(subjects.begin(), subjects.end(), [&](const Subject& one) { return one.id == id; });
  return found == subjects.end() ? nullptr : &*found;
}

LookupConfig read_lookup(MapReader& reader, const std::vector<Table>& tables) {
  LookupConfig config;
  MapReader limits = reader.map("limits", false);
  config.limits.characters = limits.integer("characters", 2, 20, 2);
  config.limits.hits = limits.integer("hits", 1, 500, 50);
  config.limits.searches = limits.integer("searches", 1, 6000, 30);
  limits.finish();
  each_map_in(reader, "subjects", [&](const std::string& id, MapReader& entry) {
    config.subjects.push_back(read_subject(id, entry, tables));
  });
  each_map_in(reader, "roles",
              [&](const std::string& id, MapReader& entry) { config.roles[id] = read_role(id, entry, config); });
  return config;
}

}  // namespace qianzhi::desk::lookup
