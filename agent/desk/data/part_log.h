// How each part of the running desk does: the table desk_part of desk.db, by which others (the desk's page) tell
// whether it runs. Parts: turn (the whole), rule/ID, records, suggestions, work, feed/ID, triggers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk {

struct PartState {
  std::string part;
  Micros well = 0;    // when it last did its work
  Micros failed = 0;  // since when it fails; 0: it does not
  std::string code;   // why
  std::string detail;
};

class PartLog {
 public:
  // Creates the table, and forgets what an earlier process wrote. The database must outlive it.
  explicit PartLog(sqlite::Database& database);

  void well(const std::string& part, Micros now);
  void failed(const std::string& part, const Error& error, Micros now);
  // Writes what is new: at once if a part began or ceased to fail, else at most every 30 s.
  void flush(Micros now);

 private:
  sqlite::Database& database_;
  std::map<std::string, PartState> states_;
  bool is_news_ = true;
  Micros flushed_ = 0;
};

// Nothing where no desk ever ran.
std::vector<PartState> part_states(sqlite::Database& database);

}  // namespace qianzhi::desk
