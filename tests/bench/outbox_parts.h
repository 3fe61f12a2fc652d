// What the benchmarks of capture to the durable outbox stand on: capture wired as the agent does it, and what was used.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/flow/capture.h"
#include "hub-protocol/seal/directory.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::bench {

// User and system time and peak memory of this process's adapter, from /proc, where a name has 15 characters.
struct Child {
  double cpu = 0;
  long peak_kib = 0;
};
Child adapter_of_this_process();

struct Took {
  double wall = 0;
  double agent = 0;
  double other = 0;  // the adapter, or the server's own tool
  Took& operator+=(const Took& more) {
    wall += more.wall;
    agent += more.agent;
    other += more.other;
    return *this;
  }
};

double own_cpu();       // seconds
double children_cpu();  // of those that have ended
// Runs a program to its end in this folder. Throws std::runtime_error if it fails.
void run_tool(const std::vector<std::string>& command, const std::filesystem::path& directory);
void show(const char* what, const Took& took, long rows);

template <typename Work>
Took measure(const Work& work) {
  const SystemClock clock;
  const double agent = own_cpu();
  const double adapter = adapter_of_this_process().cpu;
  const Micros start = clock.steady();
  work();
  return {static_cast<double>(clock.steady() - start) / 1e6, own_cpu() - agent,
          adapter_of_this_process().cpu - adapter};
}

// Of a program that has ended when work() returns.
template <typename Work>
Took measure_tool(const Work& work) {
  const double before = children_cpu();
  Took took = measure(work);
  took.other = children_cpu() - before;
  return took;
}

// Everything between the database and the outbox: the adapter as a process, capture, mapping, sealing with Ed25519,
// SQLite with synchronous=FULL. The table has the twelve columns of pipeline_measure.h.
class Outbox {
 public:
  // type: of the adapter; table: as it names it.
  Outbox(const std::string& type, adapter::Connection connection, const std::string& table);
  ~Outbox();

  // As the adapter is told it.
  adapter::SourceSpec spec() const;
  void start();
  void finish_refill();
  void seal_changes(long rows);
  double queued() const;  // octets

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::bench
