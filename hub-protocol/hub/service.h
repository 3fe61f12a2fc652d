// A running hub: configuration, exchange, HTTPS listener and control socket wired together.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/exchange.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::hub {

struct ServiceOptions {
  std::filesystem::path config;
  bool start_stopped = false;
  Breakpoint breakpoint;
  std::function<void(const Error&)> on_fatal;  // the store failed: end the process with a non-zero status
};

class Service {
 public:
  // Listens when it returns. Throws Error(misuse) with all findings if the configuration is wrong: it never starts
  // half.
  Service(ServiceOptions options, const Clock& clock, Random& random);
  ~Service();

  std::uint16_t port() const;
  // Of the administration interface; 0: there is none.
  std::uint16_t admin_port() const;
  // Configuration, catalogue, keys and certificates again. What is wrong keeps all of what was in force and is thrown.
  void reload();
  // Signs the directory again before it runs out. Call about once a minute.
  void tend();
  // Waits for the log's writer, to show that it is alive.
  void check() const;
  // One verb (verbs.h) of a user of this machine. Throws Error.
  std::string command(const service::Call& call);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::hub
