// The local status page: GET / (plain HTML without JavaScript; ?lang=zh or ?lang=en), /page.css, /api/status (JSON),
// /livez. Read-only: nothing here changes anything. Listens on loopback only and checks the Host header against
// rebinding. Limits: 24 connections at a time, 32 more wait; one that sends or takes nothing for 3 s is cut.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/status/page_text.h"
#include "agent/status/snapshot.h"
#include "hub-protocol/web/http.h"

namespace qianzhi::status {

// What else is answered at the page's address, and how much it takes. Nothing from answer: not meant.
struct AlsoAnswered {
  std::function<std::optional<web::Reply>(const web::Request&)> answer;  // called by several threads; does not throw
  std::size_t body_limit = 8192;                                         // octets
};

class PageServer {
 public:
  // host: a loopback address or "localhost", which is 127.0.0.1. port 0: any. snapshot is called by several threads; an
  // Error it throws becomes a reply 503 with its code. Throws Error(misuse, QZ-PAGE-001) if the address is not
  // loopback, Error(unavailable, QZ-PAGE-002) if the port is taken.
  PageServer(const std::string& host, std::uint16_t port, std::function<Snapshot()> snapshot, AlsoAnswered also = {});
  ~PageServer();
  std::uint16_t port() const;
  // Cuts connections that are still open. Can be called again.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The page without JavaScript, complete in itself but for /page.css. Refreshes itself every 5 s.
std::string to_plain_html(const Snapshot& snapshot, Language language);

}  // namespace qianzhi::status
