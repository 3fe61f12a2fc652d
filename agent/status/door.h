// Who may look at the page, and who may act: one-time links from the control socket become sessions of a browser, all
// in memory. Of tokens only digests are kept.
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
  std::string user;  // who asked for the link, by the kernel's word
  Role role = Role::viewer;
  std::string csrf;  // what each action must carry
  Micros begun = 0;  // steady
  Micros used = 0;
};

// Thread-safe. Links live 60 s and are used once, at most 16 at a time; sessions end after 2 h without use or 12 h, at
// most 64 at a time: beyond, the one used longest ago ends.
class Door {
 public:
  // Both must outlive it.
  Door(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

  // The token of a new link: 256 random bits in hexadecimal.
  std::string link_for(const std::string& user, Role role);
  // The token of a new session, for a cookie; nothing if the link is unknown, used or too old.
  std::optional<std::string> enter(std::string_view link);
  // Who holds this session. Being asked for is being used.
  std::optional<Visitor> visitor(std::string_view session);
  void leave(std::string_view session);

 private:
  void forget_old(Micros now);

  const Clock& clock_;
  Random& random_;
  std::mutex lock_;
  std::map<Digest, Visitor> links_;
  std::map<Digest, Visitor> sessions_;
};

}  // namespace qianzhi::status
