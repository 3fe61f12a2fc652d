// What desk.yaml says of the desk itself: its files and the tables in them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "agent/desk/data/holidays.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::desk {

// A file that the department's agent writes; the desk reads it as NAME.
struct ReceivedFile {
  std::filesystem::path file;
  std::string name;
};

struct TableConfig {
  std::string id;        // a topic's id, or a name of one's own
  std::string source;    // rows of this agent only; empty: of any
  std::string database;  // name of a received file; empty: desk.db
  std::string table;
  std::vector<std::string> key;                // item ids
  std::map<std::string, std::string> columns;  // item id -> column, where they differ
  yaml::Place place;
};

struct DeskConfig {
  std::string id;
  std::string language = "zh-CN";  // or en: of titles in reports
  std::filesystem::path database;
  std::vector<ReceivedFile> received;
  std::vector<TableConfig> tables;
  Holidays holidays;  // in DeskStore::config(): with those of holiday_table
  HolidayTable holiday_table;

  bool is_english() const { return language == "en"; }
  // Null: there is none.
  const TableConfig* find_table(std::string_view id) const;
};

// The keys desk, database, received, tables and holidays of the root; what is wrong is a diagnostic (QZ-CFG-013 to
// 031).
//   desk: {id: national-tax, language: zh-CN, timezone: Asia/Shanghai}
//   database: desk.db
//   received: [{name: received, file: received.db}]
//   tables: [{id: commerce.opening_registration, table: received.commerce_opening, key: [registration_number]}]
DeskConfig read_desk(yaml::MapReader& root);

// A list of maps: each visited with a reader of its own, which is finished afterwards.
template <typename Visit>
void each_map(yaml::MapReader& reader, std::string_view key, const Visit& visit) {
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

// The texts of a list of scalars, or of one scalar.
std::vector<std::string> texts_of(yaml::MapReader& reader, std::string_view key);

}  // namespace qianzhi::desk
