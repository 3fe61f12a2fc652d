#include "agent/desk/data/desk_config.h"

#include <algorithm>
#include <set>

namespace qianzhi::desk {

namespace {

using yaml::MapReader;

constexpr std::size_t max_table_name = 128;

void complain_twice(MapReader& reader, const std::string& id) {
  reader.diagnostics().error("QZ-CFG-031", reader.place(), reader.path() + "：\"" + id + "\" 重复定义",
                             reader.path() + ": \"" + id + "\" is defined twice");
}

// What is quoted in SQL and stands in names of triggers.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= max_table_name && std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20U || c == '"' || c == '\'' || c == ';' || c == '#';
  });
}

std::string plain_name(MapReader& reader, std::string_view key) {
  std::string name = reader.text(key);
  const yaml::Node* node = reader.find(key);
  if (node != nullptr && !name.empty() && !is_plain_name(name))
    complain_form(*node, reader.path_of(key), "表名或列名", "a name of a table or column", reader.diagnostics());
  return name;
}

bool is_schema_name(std::string_view name) {
  const std::set<std::string_view> taken = {"main", "temp"};
  return !name.empty() && name.size() <= 30 && taken.count(name) == 0 && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

void read_received(MapReader& root, DeskConfig& config) {
  each_map(root, "received", [&](MapReader& reader) {
    ReceivedFile file;
    file.name = reader.text("name");
    file.file = reader.file("file");
    if (reader.find("name") != nullptr && !is_schema_name(file.name))
      complain_form(*reader.find("name"), reader.path_of("name"), "小写字母、数字和下划线，不是 main 或 temp",
                    "small letters, digits and underscores; not main or temp", reader.diagnostics());
    if (std::any_of(config.received.begin(), config.received.end(), [&](const auto& f) { return f.name == file.name; }))
      complain_twice(reader, file.name);
    config.received.push_back(file);
  });
}

std::map<std::string, std::string> read_columns(MapReader& reader) {
  std::map<std::string, std::string> columns;
  if (reader.find("columns") == nullptr) return columns;
  MapReader map = reader.map("columns", true);
  map.any_key();
  const yaml::Node* node = reader.find("columns");
  for (const yaml::Entry& entry : node->entries) columns[entry.key] = plain_name(map, entry.key);
  map.finish();
  return columns;
}

void read_table(MapReader& reader, DeskConfig& config) {
  TableConfig table;
  table.place = reader.place();
  table.id = reader.id("id");
  table.source = reader.find("source") == nullptr ? std::string() : reader.id("source");
  table.table = plain_name(reader, "table");
  table.key = texts_of(reader, "key");
  table.columns = read_columns(reader);
  const std::size_t dot = table.table.find('.');
  const std::string before = table.table.substr(0, dot);
  const bool is_received = std::any_of(config.received.begin(), config.received.end(),
                                       [&](const ReceivedFile& file) { return file.name == before; });
  if (dot != std::string::npos && is_received) {
    table.database = before;
    table.table = table.table.substr(dot + 1);
  }
  if (config.find_table(table.id) != nullptr) complain_twice(reader, table.id);
  config.tables.push_back(std::move(table));
}

}  // namespace

const TableConfig* DeskConfig::find_table(std::string_view wanted) const {
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const auto& table) { return table.id == wanted; });
  return found == tables.end() ? nullptr : &*found;
}

DeskConfig read_desk(MapReader& root) {
  DeskConfig config;
  MapReader desk = root.map("desk", true);
  config.id = desk.id("id");
  config.language = desk.choice<std::string>("language", {{"zh-CN", "zh-CN"}, {"en", "en"}}, config.language);
  // Days are Beijing's everywhere (hub-protocol/base/calendar.h); the key is there so that nobody expects others.
  if (desk.find("timezone") != nullptr)
    desk.choice<std::string>("timezone", {{"Asia/Shanghai", "Asia/Shanghai"}}, "Asia/Shanghai");
  desk.finish();
  config.database = root.file("database");
  read_received(root, config);
  each_map(root, "tables", [&](MapReader& reader) { read_table(reader, config); });
  config.holidays = read_holidays(root, "holidays", config.holiday_table);
  return config;
}

std::vector<std::string> texts_of(MapReader& reader, std::string_view key) {
  std::vector<std::string> texts;
  for (const yaml::Node* node : reader.list(key, true)) texts.push_back(node->text);
  return texts;
}

}  // namespace qianzhi::desk
