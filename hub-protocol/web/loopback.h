// A plain HTTP listener for people and programs on the same machine: loopback addresses only, and the Host header must
// name loopback (against rebinding). One request a connection; who sends or takes nothing for 3 s is cut. For other
// machines there is the TLS listener (listener.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "hub-protocol/web/http.h"

namespace qianzhi::web {

// A loopback address, or "localhost".
bool is_loopback(const std::string& host);
// An IP address, or "localhost": what a listener can be given.
bool is_address(const std::string& host);

struct LoopbackOptions {
  std::string host = "127.0.0.1";    // a loopback address, or "localhost", which is 127.0.0.1
  std::uint16_t port = 0;            // 0: any free one
  std::size_t body_limit = 8192;     // octets; a body must come with its length
  int connections = 24;              // at a time; 32 more wait
  std::string policy = text_policy;  // Content-Security-Policy of every reply
};

class LoopbackListener {
 public:
  // Answers when it returns. answer is called from several threads and must not throw. Throws Error(misuse,
  // QZ-PAGE-001) if the address is not loopback, Error(unavailable, QZ-PAGE-002) if the port is taken.
  LoopbackListener(const LoopbackOptions& options, std::function<Reply(const Request&)> answer);
  ~LoopbackListener();
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;

  std::uint16_t port() const;
  // Cuts what is open. Can be called again.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::web
