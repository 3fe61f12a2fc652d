// Deliver: the hub to one target database (protocol-rules section 7). No inbox: hub log to bounded memory to target.
// The mark row in the target alone says what was applied.
#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/config/config.h"
#include "agent/flow/apply_builder.h"
#include "agent/flow/aside.h"
#include "agent/flow/comparison.h"
#include "agent/flow/directory_keeper.h"
#include "agent/flow/mailbox.h"
#include "agent/flow/mark.h"
#include "agent/flow/matters.h"
#include "agent/flow/since.h"
#include "agent/flow/stage.h"
#include "agent/flow/vouchers.h"
#include "agent/store/store.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/client/hub_link.h"

namespace qianzhi::flow {

struct DeliverParts {
  adapter::Adapter& adapter;
  store::Store& store;
  DirectoryKeeper& directory;
  HubLink& link;
  const Clock& clock;
  const seal::SigningKey& key;
  std::function<void(bool restored)> on_wish;  // rings capture; restored: the uplink must exchange heads
  std::function<void()> on_interrupt;          // ends a fetch under way
  store::Breakpoint breakpoint;
  std::uint32_t wait_ms = 25'000;  // of the long poll
  // Of rows in one target transaction, before they are written; one batch always fits. Bounds memory, here and in the
  // adapter, and how long other topics of this target wait.
  std::size_t transaction_octets = 4U << 20U;
  std::uint32_t page_octets = 1U << 20U;  // of one reply, as they come: compressed
  Micros receipt_interval = 1'000'000;    // least time between two apply receipts
  bool overlaps = false;  // the adapter writes on a thread of its own while the next transaction is fetched and built
  // For comparisons with providers; nullptr: there are none. Both or neither.
  Mailbox* mailbox = nullptr;
  Random* random = nullptr;
  Matters* matters = nullptr;  // whose accepted objections end with the corrected row; null: nobody's
};

// Progress of one subscription in one stream, as the status page shows it.
struct LaneStatus {
  std::string topic;
  std::string origin;
  std::string target;
  Position mark;
  Position head;  // the hub's, when last heard
  GroupSet granted;
  GroupSet complete;
  GroupSet tracked;
  std::uint64_t upserted = 0;
  std::uint64_t removed = 0;
  std::uint64_t quarantined = 0;
  Micros applied = 0;
  Micros changed = 0;      // when rows were last applied
  Micros alive = 0;        // by the provider's clock: its source was alive then
  std::string state_code;  // empty: all is well
  std::string state_detail;
};

class Deliver final : public Stage {
 public:
  // subscriptions: those of this target.
  Deliver(std::string agent, const config::DatabaseConfig& target,
          std::vector<config::SubscriptionConfig> subscriptions, DeliverParts parts, adapter::Connection connection);

  std::string name() const override { return "deliver " + target_config_.id; }
  Progress run_once() override;
  void interrupt() override;

  std::vector<LaneStatus> lanes() const;
  // What the last comparison of each stream found, by key. From any thread.
  std::map<StreamId, Comparison::Named> named_keys() const;

  // What the adapter needs to know, for plan and check.
  static adapter::TargetSpec spec_of(const config::DatabaseConfig& target,
                                     const std::vector<config::SubscriptionConfig>& subscriptions,
                                     const Catalogue& catalogue, adapter::Connection connection);

 private:
  struct Lane {
    std::string topic;
    std::string origin;
    std::size_t table = 0;
    const Topic* definition = nullptr;
    Entitlement granted;
    bool has_row = false;
    adapter::MarkRow row;
    MarkState state;
    Position hub_head;
    Position reported;  // in the last apply receipt
    bool at_head = false;
    Micros asked = 0;             // steady time of the last wish
    std::set<std::string> aside;  // keys in quarantine
    std::string code;             // why it does not move; empty: it does
    std::string detail;
    Vouchers vouchers;
    std::string logged;   // the last error told to the log, which is told once
    Micros retry_at = 0;  // steady time before which a lane that does not move is not asked for again
  };

  // A target transaction under way; what becomes of it is taken by finish_write().
  struct Writing {
    ~Writing() {
      if (thread.joinable()) thread.join();
    }
    std::size_t lane = 0;
    adapter::TargetTransaction transaction;
    MarkState state;
    std::vector<store::QuarantineEntry> entries;  // of this stream, if the transaction may touch one
    Aside aside;
    std::packaged_task<adapter::ApplyResult()> work;
    std::thread thread;  // runs `work` beside the stage; or none, and finish_write() does
  };

  void prepare();
  void configure();
  void load_lanes(const std::shared_ptr<const Directory>& directory);
  void settle_lanes();
  wire::FetchRequest request();
  wire::FetchReply fetch();
  GroupSet lacking(const Lane& lane) const;
  void take_page(const wire::Page& page);
  void check_page(Lane& lane, const wire::Page& page);
  void take_batches(Lane& lane, const wire::Page& page);
  void take_headers(Lane& lane, const wire::Page& page);
  // False: the last batch is by a key that was revoked, and a walk to one that vouches for it begins.
  bool is_proven(Lane& lane, const seal::Parsed& last);
  // Writes all but the last transaction. False: the page does not hold, and the lane is halted after what did.
  bool add_batches(Lane& lane, const wire::Page& page, ApplyBuilder& builder);
  void write_part(Lane& lane, ApplyBuilder& builder, bool beside);
  void restart(Lane& lane, const wire::Page& page);
  void write(Lane& lane, const Head& next, const MarkState& state, std::vector<adapter::Step> steps);
  // Finishes the one before. beside: the caller goes on while the adapter works.
  void begin_write(Lane& lane, const Head& next, const MarkState& state, std::vector<adapter::Step> steps, bool beside);
  void finish_write();
  Aside aside_after_all(const Writing& writing, const std::vector<adapter::Rejection>& rejections) const;
  static bool is_of(const Lane& lane, const store::QuarantineEntry& entry);
  std::vector<store::QuarantineEntry> entries_for(const Lane& lane,
                                                  const adapter::TargetTransaction& transaction) const;
  void keep(Lane& lane, const adapter::TargetTransaction& transaction, const Aside& aside);
  void release(Lane& lane, const Aside& aside);
  void release_noted(Lane& lane);
  void halt(Lane& lane, const Error& error, const std::string* evidence);
  void retry_rows();
  void ask_again_where_told();
  // deliver_compare.cpp
  bool may_compare(const Lane& lane) const;
  bool is_comparison_due(const Lane& lane);
  void take_wanted();
  void begin_comparison();
  void compare_some();
  void end_comparison(Lane* lane);
  void note_compared(const Lane& lane, const adapter::TargetTransaction& transaction);
  // deliver_matters.cpp
  void note_corrections(const Lane& lane, const adapter::TargetTransaction& transaction);
  void name_keys(Comparison& over);
  void report_comparison(const Lane& lane, std::vector<Notice>& notices);
  const ComparisonReport& last_comparison(const StreamId& stream);
  void send_receipts();
  void report();

  std::string agent_;
  config::DatabaseConfig target_config_;
  std::vector<config::SubscriptionConfig> subscriptions_;
  DeliverParts parts_;
  adapter::Connection connection_;
  std::shared_ptr<const Directory> directory_;
  std::unique_ptr<adapter::Target> target_;
  std::vector<Lane> lanes_;
  std::unique_ptr<Writing> writing_;
  bool unknown_ = false;  // what became of the last transaction
  std::string stopped_;
  bool reached_ = false;    // the last fetch was answered
  Micros receipts_at_ = 0;  // steady time of the next apply receipts
  Micros heal_at_ = 0;      // steady time of the next try of rows that may have healed
  std::unique_ptr<Comparison> comparison_;
  std::set<StreamId> compare_wanted_;  // by an operator
  Micros compare_at_ = 0;              // steady time before which none that came to nothing is begun again
  Micros compare_look_at_ = 0;         // steady time of the next look whether one is due
  std::map<StreamId, ComparisonReport> comparisons_;  // the last ones, as stored
  std::map<StreamId, Comparison::Named> named_;
  mutable std::mutex status_mutex_;
  std::vector<LaneStatus> status_;
  Since since_;
};

}  // namespace qianzhi::flow
