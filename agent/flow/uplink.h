// Uplink: the outbox to the hub (protocol-rules section 5). One ordered post at a time carries batches of many streams.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/flow/directory_keeper.h"
#include "agent/flow/stage.h"
#include "agent/store/store.h"
#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/seal/receipt.h"

namespace qianzhi::flow {

class Requests;

struct UplinkParts {
  store::Store& store;
  DirectoryKeeper& directory;
  HubLink& link;
  const Clock& clock;
  std::function<void()> on_epoch_request;  // rings capture
  store::Breakpoint breakpoint;
  std::size_t post_octets = 4U << 20U;      // of one request; one batch always fits
  std::vector<KeyRecord> keys = {};         // that seal now; none: what waits is never judged by its keys
  std::function<void()> on_interrupt = {};  // ends a call under way
  Requests* requests = nullptr;             // sent before batches; none: nothing is asked or answered
  Micros post_interval = 0;  // posts begin no sooner after one that was not full, so that they carry more
};

class Uplink final : public Stage {
 public:
  // schedules: by topic; a topic that is not in it is sent in real time.
  Uplink(std::string agent, std::map<std::string, config::Schedule> schedules, UplinkParts parts);

  std::string name() const override { return "uplink"; }
  Progress run_once() override;
  void interrupt() override {
    if (parts_.on_interrupt) parts_.on_interrupt();
  }

  // Thread-safe: the session is no longer good (a directory change, a restart seen elsewhere).
  void forget_session() { session_lost_ = true; }
  // Thread-safe: the next run asks the hub whether it still knows the session, also when nothing waits (R5.1). Without
  // this it asks once in ten minutes.
  void ask_session() { asks_ = true; }
  // Thread-safe: from sealing to receipt, of the oldest batch that was receipted last; -1: none was since the start.
  Micros delay() const { return delay_; }

 private:
  struct Held {  // a stream the hub does not accept now
    std::string code;
    Micros until = 0;  // steady time of the next try
  };

  void open_session();
  // R5.3 for one stream. Returns true if it asked for a new epoch.
  bool compare(const std::string& topic, const seal::ReceiptContent& head, const wire::Receipt& receipt);
  // A key of the first batch that waits after this place which the hub never takes again because it is revoked or not
  // registered any more; empty if there is none, or if what seals now would not be taken either.
  std::string lost_key(const std::string& topic, const Position& head) const;
  // A stream began since: R5.3 comes before anything of it is sent, or a lost store would seal numbers again.
  bool has_new_stream() const;
  bool keeps_unsecured() const;
  // A full queue of which the hub has everything, and a backup of the hub not (R5.7): no network would make room.
  bool waits_for_backup() const;
  Progress ask();
  Progress post_next();
  wire::PostRequest next_post(std::map<std::string, std::vector<store::KeptBatch>>& sent);
  void judge(const wire::Verdict& verdict, const std::vector<store::KeptBatch>& sent);
  void take_receipt(const std::string& topic, const wire::Receipt& receipt, const seal::ReceiptContent& content);
  void hold(const std::string& topic, const wire::Verdict& verdict);
  void report();

  std::string agent_;
  std::map<std::string, config::Schedule> schedules_;
  UplinkParts parts_;
  Bytes session_;
  std::set<std::string> compared_;  // topics whose heads this session exchanged
  std::atomic<bool> session_lost_{false};
  std::atomic<bool> asks_{false};
  std::atomic<Micros> delay_{-1};
  Micros heard_ = 0;  // steady time when the hub last knew the session
  std::map<std::string, Held> held_;
  std::string stopped_;
  int refusals_ = 0;
  Micros post_at_ = 0;  // steady time of the next post
};

}  // namespace qianzhi::flow
