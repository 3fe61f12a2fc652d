// The binary log as the server describes it in SQL, and whether a stored place still belongs to it (R2.2).
#pragma once

#include <map>
#include <string>

#include "adapters/api/adapter.h"
#include "adapters/mysql/binlog_position.h"
#include "adapters/mysql/session.h"

namespace qianzhi::mysql {

struct LogVerdict {
  adapter::Continuity continuity = adapter::Continuity::good;
  std::string reason;
};

class ServerLog {
 public:
  explicit ServerLog(const adapter::Connection& connection) : connection_(connection) {}

  // Another connection: the server may be another one.
  void forget() { created_.clear(); }
  // Asks the server. Throws misuse QZ-MY-020 if it writes no binary log.
  void look(Session& session);
  // Only where it ends.
  LogPlace end(Session& session);

  std::uint32_t server() const { return server_; }
  std::string name_of(std::uint32_t file) const { return log_file_name(base_, file); }
  LogPlace last_end() const { return end_; }

  // Whether the place is in the log that look() saw. Its file's begin is compared, too.
  LogVerdict check(const LogPosition& position, const std::string& what);
  // When the file was begun; asked for once a file and connection. 0: there is no such file now.
  std::uint32_t created(std::uint32_t file);
  // A place as a position with nothing undecided before it.
  LogPosition position_at(const LogPlace& place);

 private:
  const adapter::Connection& connection_;
  std::uint32_t server_ = 0;
  std::string base_;
  std::map<std::uint32_t, std::uint64_t> sizes_;  // by file
  std::map<std::uint32_t, std::uint32_t> created_;
  LogPlace end_;
};

}  // namespace qianzhi::mysql
