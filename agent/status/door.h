// Who may look at the page, and who may act: one-time links from the control socket, or passwords (entrance.h), become
// sessions of a browser, all in memory. Of tokens only digests are kept.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::status {

enum class Role { viewer, operating };  // operating: may also retry, reload, acknowledge and test

struct Visitor {
  std::string user;  // who asked for the link, by the kernel's word, or whose password was given
  Role role = Role::viewer;
  std::string csrf;  // what each action must carry
  Micros begun = 0;  // steady
  Micros used = 0;
};

struct DoorLimits {
  Micros idle = Micros{2} * 3'600'000'000;    // a session ends after so long without use,
  Micros whole = Micros{12} * 3'600'000'000;  // and after this in any case
  std::size_t sessions = 64;                  // beyond, the one used longest ago ends
  std::size_t per_user = 64;                  // likewise, among those of one user
};

// Thread-safe. Links live 60 s and are used once, at most 16 at a time.
class Door {
 public:
  // Both must outlive it.
  Door(const Clock& clock, Random& random, const DoorLimits& limits = {})
      : clock_(clock), random_(random), limits_(limits) {}

  // The token of a new link: 256 random bits in hexadecimal.
  std::string link_for(const std::string& user, Role role);
  // The token of a new session, for a cookie; nothing if the link is unknown, used or too old.
  std::optional<std::string> enter(std::string_view link);
  // As enter(), for whoever was found to be this user in another way.
  std::string admit(const std::string& user, Role role);
  // Who holds this session. Being asked for is being used.
  std::optional<Visitor> visitor(std::string_view session);
  void leave(std::string_view session);
  // Ends all sessions of a user.
  void end(std::string_view user);

 private:
  void forget_old(Micros now);
  std::string begin_session(Visitor visitor, Micros now);

  const Clock& clock_;
  Random& random_;
  const DoorLimits limits_;
  std::mutex lock_;
  std::map<Digest, Visitor> links_;
  std::map<Digest, Visitor> sessions_;
};

}  // namespace qianzhi::status
