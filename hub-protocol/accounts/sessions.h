// Sessions of people who signed in: in memory, found by a token of which only a digest is kept.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::accounts {

struct SessionLimits {
  Micros idle = Micros{15} * 60 * 1'000'000;
  Micros absolute = Micros{8} * 3600 * 1'000'000;
  std::size_t per_account = 5;  // beyond, the one used longest ago ends
};

struct Session {
  std::string account;
  std::uint64_t credentials = 0;  // of the account when it was opened
  std::string csrf;               // what a form must say to be ours
  Bytes totp_draft;               // a second factor that is being set up
  Micros begun = 0;               // steady times
  Micros used = 0;
};

// Thread-safe. Times are Clock::steady().
class Sessions {
 public:
  Sessions(SessionLimits limits, Random& random) : limits_(limits), random_(random) {}

  // The token, 256 random bits in hexadecimal: given once, to the person's browser.
  std::string open(const std::string& account, std::uint64_t credentials, Micros now);
  // Nothing if there is none or it ended by time. Being asked for is being used.
  std::optional<Session> use(std::string_view token, Micros now);
  void change(std::string_view token, const std::function<void(Session&)>& make);
  void close(std::string_view token);
  std::size_t count() const;

 private:
  bool is_over(const Session& session, Micros now) const;
  void make_room(const std::string& account, Micros now);

  const SessionLimits limits_;
  Random& random_;
  mutable std::mutex lock_;
  std::map<Digest, Session> sessions_;
};

}  // namespace qianzhi::accounts
