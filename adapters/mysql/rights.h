// Whether the connected account holds a right, for preflights.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "adapters/mysql/session.h"

namespace qianzhi::mysql {

class Rights {
 public:
  explicit Rights(Session& session);

  // On everything; names as the server lists them: "REPLICATION SLAVE", "BINLOG MONITOR", "PROCESS".
  bool has_global(const std::string& right) const { return global_.count(right) != 0; }
  // On a table, its database, or everything; "SELECT" also if each of the columns has it.
  bool has(const std::string& right, const std::string& schema, const std::string& table,
           const std::vector<std::string>& columns = {}) const;
  const std::string& account() const { return account_; }  // 'user'@'host'

 private:
  Session& session_;
  std::string account_;
  std::set<std::string> global_;
};

}  // namespace qianzhi::mysql
