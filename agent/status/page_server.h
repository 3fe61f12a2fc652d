// The site on a loopback listener. Listens on loopback only and checks the Host header against rebinding. Limits: 24
// connections at a time, 32 more wait; one that sends or takes nothing for 3 s is cut.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "agent/status/site.h"

namespace qianzhi::status {

class PageServer {
 public:
  // host: a loopback address or "localhost", which is 127.0.0.1. port 0: any. What the parts call is called by several
  // threads. Throws Error(misuse, QZ-PAGE-001) if the address is not loopback, Error(unavailable, QZ-PAGE-002) if the
  // port is taken.
  PageServer(const std::string& host, std::uint16_t port, SiteParts parts);
  ~PageServer();
  std::uint16_t port() const;
  // Cuts connections that are still open. Can be called again.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A page without sign-in and without actions; see SiteParts::door for when that may be.
SiteParts open_site(std::function<Snapshot()> snapshot);

}  // namespace qianzhi::status
