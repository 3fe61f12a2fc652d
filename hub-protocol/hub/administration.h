// The administration interface of a running hub: accounts' sessions, the site and its listener, over the same verbs as
// the command line.
#pragma once

#include <cstdint>
#include <memory>

#include "hub-protocol/hub/verbs.h"

namespace qianzhi::hub {

class Administration {
 public:
  // Listens when it returns. The office must outlive it. Throws Error: unavailable QZ-PAGE-002 address, misuse
  // QZ-HUB-290 key file of the second factors, QZ-LINK-009 certificate.
  explicit Administration(Office& office);
  ~Administration();
  Administration(const Administration&) = delete;
  Administration& operator=(const Administration&) = delete;

  std::uint16_t port() const;
  // Certificate and key again. Throws and keeps what was in force if they cannot be used.
  void reload();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::hub
