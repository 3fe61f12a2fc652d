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
      yaml::complain_form(entry.value, reader.path(), "名称只含小写字母、数字和下划线",
                          "names of small letters, digits and underscores", parent.diagnostics());
    else
      visit(entry.key, reader);
    reader.finish();
  }
}

std::string known_item(MapReader& reader, const Node& node, const Table& table) {
  if (table.columns.count(node.text) == 0) complain_missing(reader, node.place, node.text, "数据项", "item");
  return node.text;
}

Subject read_subject(const std::string& id, MapReader& reader, const std::vector<Table>& tables) {
  Subject subject;
  subject.id = id;
  subject.title = reader.text("title", id);
  subject.title_en = reader.text("title_en", id);
  const std::string name = reader.text("table");
  const auto table = std::find_if(tables.begin(), tables.end(), [&](const Table& one) { return one.id == name; });
  const bool is_known = table != tables.end();
  if (is_known)
    subject.table = *table;
  else
    complain_missing(reader, reader.place(), name, "表", "table");
  if (const Node* item = reader.find("name")) subject.name = is_known ? known_item(reader, *item, *table) : item->text;
  for (const Node* item : reader.list("codes", true))
    subject.codes.push_back(is_known ? known_item(reader, *item, *table) : item->text);
  if (const Node* titles = reader.find("titles"); titles != nullptr && titles->is_map())
    for (const yaml::Entry& entry : titles->entries) {
      if (is_known && table->columns.count(entry.key) == 0)
        complain_missing(reader, entry.key_place, entry.key, "数据项", "item");
      subject.titles[entry.key] = entry.value.text;
    }
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
                       [&](const Subject& subject) { return subject.table.columns.count(item) != 0; });
  };
  for (const Node* subject : reader.list("subjects", true)) {
    if (config.subject(subject->text) == nullptr)
      complain_missing(reader, subject->place, subject->text, "查询对象", "subject");
    role.subjects.insert(subject->text);
  }
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
