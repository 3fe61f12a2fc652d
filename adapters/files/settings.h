// What a connection of type files says, checked. The agent's YAML gives it as flat options; ADAPTERS.md lists them.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/files/format.h"

namespace qianzhi::adapter::files {

struct TableFiles {
  std::string name;                            // [a-z0-9_]+
  std::string full;                            // glob of files that hold the whole table; empty: there are none
  std::string changes;                         // glob of files that hold changes; empty: there are none
  std::map<std::string, std::string> columns;  // name in the file's header -> column; others keep their name
  std::string operation;                       // header of the column that says what a row of changes does
  std::set<std::string> upserts;               // what stands there
  std::set<std::string> removes;
};

struct SourceSettings {
  std::filesystem::path folder;
  std::filesystem::path archive;
  std::filesystem::path rejected;
  std::filesystem::path state;  // folder of this adapter alone
  Format format;
  std::string marker;         // ".done": NAME is complete when NAME.done is there; empty: by quiet
  Micros quiet = 60'000'000;  // or when it has not changed for so long
  Micros look = 1'000'000;    // between two looks at the folder
  int most_removed = 50;      // per cent of a table's rows that one full file may remove
  std::vector<TableFiles> tables;
};

struct TargetSettings {
  std::filesystem::path folder;
  std::filesystem::path state;
  Format format;
  bool byte_order_mark = false;
  bool crlf = true;
  bool titles = false;           // the header names items by their titles, not their ids
  std::string marker;            // NAME.done is written after NAME; empty: none
  Micros interval = 10'000'000;  // at least, between two files of one table; 0: each commit writes it
};

// An option that is missing, unknown or wrong throws Error(misuse, QZ-FIL-002).
SourceSettings source_settings(const Connection& connection);
TargetSettings target_settings(const Connection& connection);

}  // namespace qianzhi::adapter::files
