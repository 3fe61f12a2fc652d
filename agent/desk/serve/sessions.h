// Who is asking: bearer tokens of accounts, and sessions of browsers that were opened with one. In memory only; of
// tokens and session ids only digests are held. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/serve/config.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::desk::serve {

struct Visitor {
  const Account* account = nullptr;
  std::string csrf;  // stands in each form of this session
};

// One line of at least 24 characters, in a file that no one else may read. Throws Error(misuse, QZ-DSK-216) if it is
// missing, readable by others or too short.
std::string read_token(const Account& account);

class Sessions {
 public:
  // Reads the token of every account. Throws as read_token(), and so if two accounts have the same.
  Sessions(const std::vector<Account>& accounts, Random& random, const Clock& clock);

  // Null: no account has this token, or there were too many failures in this minute.
  const Account* by_token(std::string_view token);
  // The id of a new session, which ends after 30 minutes without use, or after 8 hours. At most 200 at a time: the
  // oldest ends.
  std::string open(const Account& account);
  std::optional<Visitor> by_session(std::string_view id);
  void close(std::string_view id);

 private:
  struct Session {
    Visitor visitor;
    Micros opened = 0;
    Micros used = 0;
  };

  std::mutex mutex_;
  std::map<std::string, const Account*> tokens_;  // by digest
  std::map<std::string, Session> sessions_;       // by digest
  Random& random_;
  const Clock& clock_;
  Micros failures_began_ = 0;
  unsigned failures_ = 0;
};

}  // namespace qianzhi::desk::serve
