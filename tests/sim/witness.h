// The checks of protocol-rules section 10, made after every step of the simulation from the files alone: what the hub's
// log, the agents' stores, the sources and the targets really hold. A broken rule is thrown as Violation, which no
// stage catches. Check 6 (rest) is World::difference().
#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/model/stream.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi::sim {

class World;
class Department;

// What a target holds of one origin, and its mark row.
struct Received {
  std::string origin;
  Head head;
  Bytes state;                    // an encoded flow::MarkState
  std::vector<std::string> rows;  // "key|name|area", sorted
};

struct Violation : std::logic_error {
  using std::logic_error::logic_error;
};

class Witness {
 public:
  explicit Witness(World& world) : world_(world) {}

  // After a step of these stages, also one that ended in a crash, and when an agent has just come back from its files.
  void after_capture(const Department& department);
  void after_deliver(const Department& department);
  // Check 1, after each post and when the hub has come back: its chains link; no position ever had two digests.
  void check_log();
  // Check 2: a receipt that leaves the hub is for what another connection sees in its log.
  void check_receipt(const wire::Receipt& receipt);
  // Check 5: a page holds what its directory version grants and nothing else.
  void check_page(const std::string& subscriber, const wire::Page& page);

  // A receipt that left the hub is for what survives: called when the hub has come back from its own files.
  void check_receipted();
  // What a subscriber tells to have applied survives at its target.
  void check_applied(const wire::Applied& applied);

  void published(const Directory& directory) { directories_[directory.version] = directory; }
  // A store came back from an older copy, or went: what it knew may be said again otherwise.
  void restored_agent() { agent_restored_ = true; }
  void restored_hub();
  // What an agent still held signed with it must be signed again, in a new epoch.
  void revoked_key() { key_revoked_ = true; }
  void restored_source() { source_restored_ = true; }
  // The department's own DBA changed its received rows.
  void target_touched(const std::string& department) { touched_.insert(department); }
  // Something changed past its triggers: what is sent is behind the source until a comparison.
  void source_touched(const std::string& department) { sources_touched_.insert(department); }
  void restored_target(const std::string& department) { applied_.erase(department); }

  // So that a test can tell that the checks were really made.
  struct Counts {
    int batches = 0;
    int receipts = 0;
    int pages = 0;
    int exact = 0;  // comparisons of a whole target with a whole source
  };
  const Counts& counts() const { return counts_; }

 private:
  void note_exact_place(const Department& department);
  void check_forgotten(const Department& department) const;
  void check_received(const Department& department, const Received& received);

  World& world_;
  Counts counts_;
  bool agent_restored_ = false;
  bool hub_restored_ = false;
  bool source_restored_ = false;
  bool key_revoked_ = false;
  std::set<std::string> touched_;
  std::set<std::string> sources_touched_;
  std::map<std::string, Head> receipted_;                           // agent and topic -> newest
  std::map<std::string, std::map<std::string, Position>> applied_;  // department -> origin -> newest mark told
  std::set<std::string> odd_keys_;                                  // were in quarantine at any time
  std::map<std::uint64_t, Directory> directories_;
  std::map<std::int64_t, std::pair<std::int64_t, Digest>> ends_;              // hub stream id -> last place, digest
  std::map<std::pair<std::string, Position>, Digest> accepted_;               // agent, position
  std::map<std::pair<std::string, Digest>, std::vector<std::string>> exact_;  // agent, head -> the source's rows
};

}  // namespace qianzhi::sim
