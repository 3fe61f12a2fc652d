// The local status page: GET / (plain HTML without JavaScript), /page.css, /api/status (JSON), /livez. Read-only:
// nothing here changes anything. Listens on loopback only and checks the Host header against rebinding.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/status/snapshot.h"

namespace qianzhi::status {

class PageServer {
 public:
  // host: a loopback address. port 0: any. snapshot is called by several threads. Throws Error(misuse, QZ-PAGE-001) if
  // the address is not loopback, Error(unavailable, QZ-PAGE-002) if the port is taken.
  PageServer(const std::string& host, std::uint16_t port, std::function<Snapshot()> snapshot);
  ~PageServer();
  std::uint16_t port() const;
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The page without JavaScript, complete in itself.
std::string to_plain_html(const Snapshot& snapshot);
std::string_view plain_style();

}  // namespace qianzhi::status
