// The hub's rules over its store, without network and threads: protocol-rules section 6 and the hub's half of 5 and 7.
// The HTTPS server calls it; the simulation calls it directly.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/wire/exchange.pb.h"
#include "hub-protocol/wire/directory.pb.h"

namespace qianzhi::hub {

struct ExchangeOptions {
  std::filesystem::path store;  // SQLite file
  std::string vfs;              // empty but in the simulation
  int free_epochs_per_day = 1;  // R6.2: further ones wait for an operator
};

// Called with the name of a point just before or after a durable step; the crash tests kill the process there.
using Breakpoint = std::function<void(std::string_view)>;

// Why the hub accepts and delivers nothing (R6.5).
struct StopReason {
  std::string code;    // empty: it runs
  std::string detail;
};

struct StreamStatus {
  StreamId stream;
  Head head;
  std::uint64_t batches = 0;
  bool halted = false;
  bool epoch_waits = false;
};

// Safe to call from many threads; calls of one stream are ordered by its lock. caller is the agent id that the TLS
// identity gave; it was looked up in the directory by the server, and is looked up here again at each call.
// Throws Error(rejected, QZ-HUB-...) for a caller without rights or a malformed request.
class Exchange {
 public:
  // Opens or creates the store. The directory must not be older than the newest one in the store's history.
  Exchange(const ExchangeOptions& options, const Clock& clock, Random& random, seal::SigningKey hub_key,
           const Directory& directory, const seal::SealedDirectory& sealed, Breakpoint breakpoint = {});
  ~Exchange();

  wire::SessionReply session(const std::string& caller, const wire::SessionRequest& request);
  wire::PostReply post(const std::string& caller, const wire::PostRequest& request);
  // Answers at once; wait_ms is the server's business (see changes()).
  wire::FetchReply fetch(const std::string& caller, const wire::FetchRequest& request);
  wire::DirectoryReply directory(const std::string& caller, const wire::DirectoryRequest& request);
  wire::AppliedReply applied(const std::string& caller, const wire::AppliedRequest& request);

  // Grows whenever a batch, a wish or a directory arrived that may concern someone who waits.
  std::uint64_t changes() const;
  // Waits until changes() is no longer `seen`, stop_waiting() was called, or the timeout passed.
  void wait_for_change(std::uint64_t seen, int timeout_ms) const;
  void stop_waiting();

  // Same version with the same digest: nothing. A lower version: Error(misuse, QZ-HUB-020).
  void install_directory(const Directory& directory, const seal::SealedDirectory& sealed);
  std::shared_ptr<const Directory> current_directory() const;

  // Operator's commands.
  void approve_epoch(const StreamId& stream);  // R6.2
  void resume_stream(const StreamId& stream);  // R6.3
  void recover();                              // R6.6; the caller then installs a directory above all shown
  void announce_secured();                     // R6.8: everything now in the log is in a finished backup
  void trim(const StreamId& stream);           // R6.7
  StopReason stopped() const;
  std::vector<StreamStatus> status() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::hub
