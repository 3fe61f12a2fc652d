// The agent: wires store, directory, adapters, links and stages together and owns them all. The only place that does.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/config/config.h"
#include "agent/flow/comparison.h"
#include "agent/flow/matters.h"
#include "agent/flow/requests.h"
#include "agent/status/snapshot.h"
#include "agent/store/store.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::app {

// Makes the adapter for a database type; the real one starts the program qianzhi-adapter-TYPE.
using AdapterFactory = std::function<std::unique_ptr<adapter::Adapter>(const config::DatabaseConfig&)>;

AdapterFactory process_adapters(const config::Config& config, const Clock& clock);
// The program that it starts for this database.
std::filesystem::path adapter_program(const config::Config& config, const config::DatabaseConfig& database);

// Connection with its secrets resolved. Throws what read_secret() throws.
adapter::Connection connection_of(const config::DatabaseConfig& database);

// read_only: beside a running agent.
store::StoreOptions store_options(const config::Config& config, bool read_only);

class Agent {
 public:
  // Opens the store and reads keys. Databases and hub may be away: the stages say so and try again. on_fatal: see Pump.
  Agent(const config::Config& config, const Clock& clock, Random& random, AdapterFactory adapters,
        store::Breakpoint breakpoint, std::function<void(const Error&)> on_fatal);
  ~Agent();

  void start();
  void stop();

  // Thread-safe.
  status::Snapshot snapshot() const;
  store::Store& store();
  // What the last comparison of each received stream found, by key.
  std::map<StreamId, flow::Comparison::Named> compared_keys() const;
  // What is asked of others, and by others.
  flow::Requests& requests();
  // Requests for access and objections.
  flow::Matters& matters();
  // Says it to the hub at once if that is a matter of a moment; else it is kept and sent when the way allows. One
  // caller at a time.
  flow::DocumentFate say(wire::DocumentBody content);
  // The newest directory; null before there is one.
  std::shared_ptr<const Directory> directory() const;
  // False while a stage neither returned nor reported within the limit: the watchdog must not be fed (pitfall 39).
  bool is_alive(Micros limit) const;
  // Wakes every stage, also one that waits because what it needs is away.
  void retry_all();
  // A certificate for a new key, now; how it went stands among the notices.
  void renew_certificate();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::app
