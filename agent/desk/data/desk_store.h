// The desk's own database with the files that the agent fills attached for reading. Every configured table is a view
// named by its id, whose columns are the topic's items: rows that were withdrawn softly and rows of other agents are
// not in it.
//   desk.db: finding (what rules found, agent/desk/rules), desk_mark (how far each reader came)
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/data/desk_config.h"
#include "agent/desk/data/table.h"
#include "hub-protocol/base/calendar.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk {

// The findings of all rules as a table: desk.finding with the columns of the table finding.
inline constexpr std::string_view finding_table = "desk.finding";

// Where a configured table lies. One of desk.db whose id is its name is used as it is, without a view.
struct TablePlace {
  std::string database;  // "main" or a received file's name
  std::string table;
  std::map<std::string, std::string> columns;  // item -> column
  std::vector<std::string> key;                // items
  std::set<std::string> indexed;               // items whose column leads an index
  bool is_view = false;                        // of the file: it has no triggers and no indexes
};

// Not thread-safe. The one writer of desk.db.
class DeskStore {
 public:
  // Throws Error(misuse, QZ-DSK-001) for a received file or table that is not there or lacks a column, and what
  // sqlite::Database throws. Tables of desk.db that are not there yet are left out until open_tables() is called again.
  DeskStore(DeskConfig config, const Clock& clock);
  DeskStore(const DeskStore&) = delete;
  DeskStore& operator=(const DeskStore&) = delete;

  const DeskConfig& config() const { return config_; }
  sqlite::Database& database() { return database_; }
  // Views and places, as the tables are now.
  void open_tables();

  // Throws Error(misuse, QZ-DSK-001) for one that is not there.
  const Table& table(const std::string& id) const;
  const TablePlace& place(const std::string& id) const;
  const std::map<std::string, Table>& tables() const { return tables_; }
  bool has_table(const std::string& id) const { return tables_.count(id) != 0; }
  // Throws Error(misuse, QZ-DSK-001) if the table has no such item.
  void require_item(const std::string& id, const std::string& item) const;

  Micros now() const { return clock_.now(); }
  Day today() const { return beijing_day(clock_.now()); }

  // Kept with what is written in the same transaction.
  std::optional<std::string> mark(const std::string& name);
  void put_mark(const std::string& name, std::string_view value);

  // Days off as their table has them now, where desk.yaml names one; what refers to config().holidays sees them. Rows
  // that are none are passed over. Throws what the database throws.
  void read_days_off();

  // Another program committed to a received file since this was asked last; the first time: true. Cheap.
  bool has_news();

 private:
  void open_table(const TableConfig& config);
  bool needs_view(const TableConfig& config, const TablePlace& place);

  DeskConfig config_;
  const Holidays stated_days_;  // by desk.yaml
  const Clock& clock_;
  sqlite::Database database_;
  std::map<std::string, Table> tables_;
  std::map<std::string, TablePlace> places_;
  std::map<std::string, std::int64_t> versions_;
};

}  // namespace qianzhi::desk
