// Several agents, one hub and their databases in one process on virtual time: the shipped stage, store, adapter and hub
// classes; only clock, randomness and network are replaced. A crash is an exception thrown at a named breakpoint that
// takes the whole agent or hub down; it comes back from its files alone.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/api/waiter.h"
#include "agent/config/config.h"
#include "agent/flow/capture.h"
#include "agent/flow/courier.h"
#include "agent/flow/deliver.h"
#include "agent/flow/uplink.h"
#include "hub-protocol/hub/exchange.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/sqlite/database.h"
#include "tests/sim/disk.h"
#include "tests/sim/witness.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::sim {

inline constexpr const char* topic_id = "test.enterprise";

class VirtualClock final : public Clock {
 public:
  Micros now() const override { return now_; }
  Micros steady() const override { return now_; }
  void advance(Micros time) { now_ += time; }

 private:
  Micros now_ = 1'800'000'000'000'000;
};

// A machine's own clock: its time of day may be wrong and may step, its steady time does not.
class MachineClock final : public Clock {
 public:
  explicit MachineClock(const VirtualClock& world) : world_(world) {}
  Micros now() const override { return world_.now() + wrong_; }
  Micros steady() const override { return world_.steady(); }
  void set_wrong(Micros by) { wrong_ = by; }

 private:
  const VirtualClock& world_;
  Micros wrong_ = 0;
};

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  Bytes bytes(std::size_t size) override;
  std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::mt19937_64 engine_;
};

// Thrown at a breakpoint: the process is gone.
struct Crash {
  std::string point;
};

class World;

// One department: a source table, a target, an agent with all its stages.
class Department {
 public:
  Department(World& world, std::string id, bool provides, bool subscribes, config::Capture capture);
  ~Department();

  void start();  // after a crash, or the first time
  // Killed where it stands, adapters and all. By chance its machine loses its power as well.
  void crash();
  bool is_running() const { return running_ != nullptr; }
  // Runs one stage once: 0 courier, 1 capture, 2 uplink, 3 deliver. Errors of kind unavailable and full are expected.
  void step(int stage);
  static constexpr int stages = 4;
  // Killed within a call that changes a file, or its store had an I/O error.
  bool is_doomed() const;
  std::vector<std::filesystem::path> stores() const { return {store_file, source_file, target_file}; }

  void sql(const std::string& text);             // as the department's own application
  void target_sql(const std::string& text);      // as the receiving department's DBA
  std::vector<std::string> source_rows() const;  // "key|name|area", sorted
  std::vector<std::string> target_rows() const;  // of all origins
  std::vector<Received> received() const;
  // "key|phone" of all that is received, sorted.
  std::vector<std::string> target_phones() const;
  // Of each stage that failed when it ran last.
  std::string last_error() const;
  std::vector<flow::Notice> notices() const;
  std::vector<flow::TableProgress> progress() const;
  store::Store& store() const;
  bool provides() const { return provides_; }
  bool subscribes() const { return subscribes_; }
  config::Capture capture() const { return capture_; }
  // As after a change of the configuration; while it is down.
  void capture_from_now(config::Capture capture) { capture_ = capture; }
  void publish_from_now(GroupSet area) { area_ = std::move(area); }
  // The item is read from this column.
  void map_from_now(const std::string& item, const std::string& column) { mapped_[item] = column; }
  void read_no_faster_than(config::ThrottleConfig throttle) { throttle_ = std::move(throttle); }
  void expect_changes_within(Micros cycle) { update_cycle_ = cycle; }
  // Its DBA runs the plan again, with a canary, and its agent writes a beat after so long a silence.
  void canary_from_now(Micros every, Micros within);
  void send_from_now(config::Schedule schedule) { schedule_ = std::move(schedule); }
  void reconcile_from_now(std::optional<config::Schedule> schedule) { reconcile_ = std::move(schedule); }
  // The DBA runs the install script of `qianzhi plan` (again).
  void install();
  void compare_from_now(std::optional<config::Schedule> schedule, bool report_only = false) {
    compare_ = std::move(schedule);
    report_only_ = report_only;
  }
  std::map<StreamId, flow::Comparison::Named> named_keys() const;
  // As an application that went past the triggers.
  void unseen_sql(const std::string& text);
  // Its administrator puts a new signing key in place; takes effect when the agent starts again.
  void take_key(seal::SigningKey fresh) { key = std::move(fresh); }
  // The agent's disk is lost.
  void lose_store();

  const std::string id;
  const std::string agent;
  seal::SigningKey key;
  MachineClock clock;
  const std::filesystem::path source_file;
  const std::filesystem::path target_file;
  const std::filesystem::path store_file;

 private:
  struct Running;
  World& world_;
  bool provides_;
  bool subscribes_;
  config::Capture capture_;
  GroupSet area_ = GroupSet::every();
  std::map<std::string, std::string> mapped_;
  std::optional<config::Schedule> reconcile_;
  config::Schedule schedule_;
  config::CanaryConfig canary_;
  std::optional<config::Schedule> compare_;
  bool report_only_ = false;
  Micros update_cycle_ = 0;
  config::ThrottleConfig throttle_;
  std::unique_ptr<Running> running_;
  std::map<int, std::string> errors_;  // by stage
};

class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();

  Department& add(const std::string& id, bool provides, bool subscribes,
                  config::Capture capture = config::Capture::journal);
  void grant(const std::string& department, GroupSet groups, std::set<std::string> items = {}, Micros not_after = 0);
  void revoke(const std::string& department);
  // The department signs with a new key from its next start; the next directory holds its old one in this state.
  void rotate_key(Department& department, KeyState old_state);
  // Of the next directory.
  Catalogue& catalogue() { return directory_.catalogue; }
  // Makes the directory of what was added and granted, and gives it to the hub. Starts everything the first time.
  void publish();
  std::uint64_t directory_version() const { return directory_.version; }  // of the last one that was published

  // R6.6: what an operator does after a restore of the hub.
  void recover_hub();
  // Killed where it stands. By chance its machine loses its power as well.
  void crash_hub();
  // Its next calls that change files of a department are made by this one's agent; nullptr: by nobody's.
  void now_acts(const Department* department) { acting_ = department; }
  // The store had an I/O error since it was opened: its process must end.
  bool has_failed(const std::filesystem::path& store) const { return failed_.count(store) != 0; }
  bool is_hub_doomed() const { return disk.is_frozen(hub_file()) || has_failed(hub_file()); }
  // These are not open any more; after a kill, by chance after a power loss.
  void let_go(const std::vector<std::filesystem::path>& stores);
  // Copies of a store's files, taken and put back while nothing has them open.
  void save(const std::filesystem::path& file, const std::string& name);
  void restore(const std::filesystem::path& file, const std::string& name);
  void start_hub();
  hub::Exchange& hub();
  bool hub_is_running() const { return exchange_ != nullptr; }

  // One turn of every stage of every department, virtual time moving on. Crashed parts are started again.
  void turn();
  // Turns until nothing changes any more. Returns false if it did not come to rest in `turns`.
  bool settle(int turns = 400);
  // Turns until a refill of this provider is open. Returns false if none was in 60.
  bool await_refill(const Department& provider);
  // Every subscriber's target equals the providers' sources under its grants; else what differs.
  std::optional<std::string> difference() const;

  // Of agents that start from now on: their adapter returns snapshot chunks that it read some turns ago (R4.4); how
  // much one post carries.
  bool read_ahead = false;
  std::size_t post_octets = 4U << 20U;
  std::uint32_t page_octets = 1U << 20U;
  // Of each agent's queue, from its next start; 0: no limit.
  std::uint64_t queue_octets = 0;
  // Of the hub from its next start: what it commits counts as secured at once; false: only what a backup holds (R6.8).
  bool secured_by_log = true;
  // Called before a chunk of a snapshot is read.
  std::function<void()> before_snapshot;
  // A hub that does not say what it holds.
  std::function<void(wire::FetchReply&)> tamper;
  std::function<void(const std::string& agent, const wire::FetchRequest&)> on_fetch;
  std::function<void(wire::PostReply&)> tamper_post;

  // Faults, in percent.
  unsigned lose_request = 0;
  unsigned lose_reply = 0;
  unsigned repeat_request = 0;  // the hub gets it twice, and the second answer is the caller's
  unsigned delay_request = 0;   // the caller gets no answer, and the hub gets it some turns later, in any order
  unsigned step_clock = 0;      // a machine's clock is set, at most a day off
  unsigned crash_chance = 0;    // at each breakpoint
  unsigned adapter_dies = 0;    // before and after each call
  // Of stores: in ten thousand calls that change a file, the process is killed, gets an I/O error, finds no space; and
  // in percent of all crashes, the machine loses its power.
  struct DiskFaults {
    unsigned dies = 0;
    unsigned fails = 0;
    unsigned full = 0;
    unsigned power_loss = 0;
  };
  DiskFaults disk_faults;
  // Stores whose disk is full until they are taken out.
  std::set<std::filesystem::path> full;
  // This one call that changes a file of this store, counted as Disk::calls() does, gets this fate.
  struct Chosen {
    std::filesystem::path store;
    std::uint64_t call = 0;
    Fate fate = Fate::fail;
  };
  Chosen chosen;
  // Requests that arrive late. Their answers go nowhere.
  void arrives_late(std::function<void()> request) { late_.push_back(std::move(request)); }
  // Kill at exactly this point the next time it is reached by this agent ("hub" for the hub).
  std::string crash_at;
  std::string crash_who;
  std::set<std::string> points_seen;
  void reach(const std::string& who, std::string_view point);

  const std::filesystem::path hub_file() const { return files / "hub.db"; }

  VirtualClock clock;
  SeededRandom random;
  test::TempDir files;
  Disk disk;
  std::map<std::string, std::unique_ptr<Department>> departments;
  std::shared_ptr<adapter::Waiter> waiter;
  KeyRecord directory_key() const { return directory_key_.record(); }
  // Rows ("key|name|area") that this subscriber may see of that provider.
  std::vector<std::string> expected_rows(const Department& subscriber, const Department& provider) const;

  Topic topic() const;

  Witness witness{*this};

 private:
  Fate judge(const std::filesystem::path& store);
  bool has_installed();
  void deliver_late();
  void step_clocks();
  std::vector<std::function<void()>> late_;
  std::set<std::filesystem::path> failed_;
  const Department* acting_ = nullptr;
  seal::SigningKey hub_key_;
  seal::SigningKey directory_key_;
  Directory directory_;
  seal::SealedDirectory sealed_;
  std::unique_ptr<hub::Exchange> exchange_;
};

}  // namespace qianzhi::sim
