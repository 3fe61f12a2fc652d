// The hub's rules over its store, without network and threads: protocol-rules section 6 and the hub's half of 5 and 7.
// The HTTPS server calls it; the simulation calls it directly.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/audit/audit_log.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/ledger.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/wire/directory.pb.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi::hub {

struct ExchangeOptions {
  std::filesystem::path store;  // SQLite file
  std::string vfs;              // empty but in the simulation
  int free_epochs_per_day = 1;  // R6.2: further ones wait for an operator
  // R6.8: what is committed counts as secured at once. For installations without backups or a replica, which then
  // lose what only the hub still had if its disk is lost. False: nothing is secured until back_up().
  bool secured_by_log = false;
  bool start_stopped = false;  // for the restore procedure: accepts and delivers nothing until recover()
  KeyRecord directory_key;     // checks the roots that agents show (R6.5)
  // Told of what is to be entered in the audit trail. From any thread, also while locks are held: must neither wait nor
  // throw. Empty: nobody is told.
  std::function<void(const audit::Entry&)> audit;
  // Called once when the store failed (I/O error, damage): nothing is acknowledged any more, the process must end
  // with a non-zero status. From any thread; must not call the Exchange.
  std::function<void(const Error&)> on_fatal;
};

// Called with the name of a point just before or after a durable step; the crash tests kill the process there.
using Breakpoint = std::function<void(std::string_view)>;

// Why the hub accepts and delivers nothing (R6.5).
struct StopReason {
  std::string code;  // empty: it runs
  std::string detail;
};

struct StreamStatus {
  StreamId stream;
  Head head;
  Head secured;  // R6.8
  std::uint64_t batches = 0;
  bool halted = false;
  bool epoch_waits = false;
  std::size_t evidence = 0;  // pairs of signed batches for one position
  Micros newest = 0;         // when its provider sealed the head; 0: there is none
};

// When an agent was last heard of, since this process began; 0: not yet.
struct AgentPresence {
  Micros seen = 0;  // any call
  Micros session = 0;
  Micros posted = 0;
  Micros fetched = 0;
  Micros applied = 0;
};

// Of some days.
struct Ledger {
  std::vector<AcceptedLine> accepted;
  std::vector<AppliedLine> applied;
};

// What a store holds of its newest directory. Opens and closes the store.
struct LastDirectory {
  std::uint64_t version = 0;  // highest ever installed or proved; 0: none
  Bytes signed_root;          // of the one installed last; empty: none
};
LastDirectory last_directory(const std::filesystem::path& store);

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

  // What a fetch tells of matters: the greatest revision that concerns this agent. Before the first call; nothing by
  // default. From many threads at once.
  void tell_matters(std::function<std::uint64_t(const std::string& caller)> revision_for);
  // Likewise: whether a parcel waits for this agent.
  void tell_parcels(std::function<bool(const std::string& caller)> waits_for);
  // A matter changed, or a parcel came: who waits looks again.
  void note_matter();

  // Grows whenever a batch, a wish, a matter or a directory arrived that may concern someone who waits.
  std::uint64_t changes() const;
  // Waits until changes() is no longer `seen`, stop_waiting() was called, or the timeout passed.
  void wait_for_change(std::uint64_t seen, int timeout_ms) const;
  void stop_waiting();

  // Same version with the same digest: nothing. A lower version: Error(misuse, QZ-HUB-020).
  void install_directory(const Directory& directory, const seal::SealedDirectory& sealed);
  std::shared_ptr<const Directory> current_directory() const;
  // Checks the roots that agents show from now on, beside ExchangeOptions::directory_key.
  void use_directory_key(const KeyRecord& key);

  // Operator's commands.
  void approve_epoch(const StreamId& stream);  // R6.2
  void resume_stream(const StreamId& stream);  // R6.3
  void recover();                              // R6.6; the caller then installs a directory above all shown
  // R6.8: writes the log as it is now to this new file, while everything goes on, verifies the copy, and announces what
  // it holds as secured. A hub that is started from the copy is stopped until recover(). go_on: as in
  // sqlite::Database::copy_into. Throws Error(unavailable or full, QZ-HUB-054): nothing was announced, no file is left.
  void back_up(const std::filesystem::path& file, const std::function<bool()>& go_on);
  void trim(const StreamId& stream);  // R6.7
  // R6.5: stops accepting and delivering until recover().
  void stop(const std::string& detail);
  // Of the newest unknown directory that was proved (R6.5): what recover() must bring back.
  std::optional<seal::RootContent> newest_shown_directory() const;
  // Lowest version that a directory with other content may have: above every one ever installed or proved.
  std::uint64_t next_directory_version() const;
  // Waits for the log's writer and gives it back: throws if the store failed.
  void check();
  StopReason stopped() const;
  std::vector<StreamStatus> status() const;
  // The directory in force with all its parts, as agents and `qianzhi verify` keep it.
  wire::DirectoryReply whole_directory() const;
  // One consistent state of it.
  Ledger ledger(Days days) const;
  std::map<std::string, AgentPresence> presence() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::hub
