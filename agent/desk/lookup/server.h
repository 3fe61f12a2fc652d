// The listener of the lookup: plain HTTP on loopback only. The Host header must name loopback (against rebinding);
// bodies of at most 8 KiB with a length; one request a connection; 16 connections at a time, 32 more wait; who sends or
// takes nothing for 3 s is cut.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "agent/desk/lookup/form.h"

namespace qianzhi::desk::lookup {

class Server {
 public:
  // port 0: any. answer is called by several threads and must not throw. Throws Error(misuse, QZ-DSK-218) if the
  // address is not loopback, Error(unavailable, QZ-DSK-219) if the port is taken.
  Server(const std::string& host, std::uint16_t port, std::function<Reply(const Request&)> answer);
  ~Server();
  std::uint16_t port() const;
  // Cuts what is open. Can be called again.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::desk::lookup
