// Which rows of received files changed: the table desk_change there, filled by triggers that the department's DBA makes
// with plan(). The desk only reads it. A row says that a row whose columns had or have these values was written:
//   source  "TABLE" with the key's columns, or "TABLE#COLUMN,COLUMN" with columns that rules join by
//   key     JSON array of the values as text or null; "*" where they hold control characters: then it cannot be told
//           which row it was, and all have to be looked at
//   seq     grows with every change; the same source and key again replaces the older row
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/desk/data/desk_store.h"

namespace qianzhi::desk {

// What rules ask of tables, by their ids.
struct Links {
  std::map<std::string, std::set<std::vector<std::string>>> changes;  // items by whose values changes are told
  std::map<std::string, std::set<std::string>> look_ups;              // items that rows are looked up by
};

class ChangeLog {
 public:
  // links: of all rules. Throws Error(misuse, QZ-DSK-001) for tables or items that are not there.
  ChangeLog(DeskStore& store, Links links);

  // The SQL that the DBA runs on each received file. It can be run again.
  std::string plan() const;
  // The same for the tables of desk.db, done at once.
  void install_own();
  // Findings for `check`: what of plan() is not there. Reads the files' schemas.
  std::vector<std::string> missing() const;
  // "main" and the received files: what has a log.
  std::vector<std::string> files() const;
  // Its triggers stand in the file as plan() has them, so that no change of it goes unseen (pitfall 21).
  bool follows(const std::string& table) const;
  // The number of the newest change in a file; 0: none, -1: no log there.
  std::int64_t last(const std::string& file) const;
  // No change after this one has the key "*".
  bool can_tell(const std::string& file, std::int64_t since) const;
  // As desk_change.source has it.
  std::string source_of(const std::string& table, const std::vector<std::string>& items) const;

 private:
  struct Raw;
  std::string script_of(const std::string& file) const;
  std::map<std::string, Raw> tables_of(const std::string& file) const;
  std::map<std::string, std::string> triggers_of(const Raw& raw) const;
  std::set<std::string> wanted_indexes(const Raw& raw) const;
  bool stands(const Raw& raw) const;

  DeskStore& store_;
  Links links_;
};

}  // namespace qianzhi::desk
