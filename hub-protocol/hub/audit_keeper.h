// Keeps the audit trail going: enters what others cause in bounded numbers, signs checkpoints, and lets entries go that
// are old enough, exported and under a checkpoint.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "hub-protocol/audit/checkpoint.h"
#include "hub-protocol/audit/tally.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/syslog_sender.h"
#include "hub-protocol/registry/registry.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::hub {

struct AuditPlan {
  static constexpr Micros least_kept = 180 * Micros{86'400'000'000};  // six months
  Micros keep = 400 * Micros{86'400'000'000};
  SyslogPlace syslog;
};

// Safe to call from many threads; tend() by one at a time. registry, key and clock must outlive it.
class AuditKeeper {
 public:
  AuditKeeper(registry::Registry& registry, const seal::SigningKey& hub_key, const Clock& clock, AuditPlan plan = {});
  ~AuditKeeper();

  // Never waits and never fails: what cannot be entered is counted, and the count is entered once that is possible.
  void tally(const audit::Entry& entry);
  // A refused connection or call; also logged.
  void refused(const std::string& address, const Error& reason);
  // Enters these now, in one commit. Throws as the registry does, and then nothing was entered.
  void enter_now(const std::vector<audit::Entry>& entries);
  // Enters what is due, signs a checkpoint after 1,000 entries or an hour, sends new entries to syslog, and once an
  // hour lets go of what is older than the plan says. Call every few seconds. Never throws: a trail that cannot be
  // written stops administration, not deliveries.
  void tend();
  // Enters all that was tallied, now. Throws as the registry does.
  void flush();
  // flush(), and a checkpoint of all that is entered.
  audit::Checkpoint checkpoint();
  // For an operator: entries, the newest checkpoint, octets, what went wrong.
  std::string status_text();

 private:
  void enter(const std::vector<audit::Entry>& entries);
  void sign_if_due();
  void forward();
  void forget_if_due();

  registry::Registry& registry_;
  const seal::SigningKey& hub_key_;
  const Clock& clock_;
  const AuditPlan plan_;
  audit::Tally tally_;
  SyslogSender syslog_;
  Micros looked_ = 0;  // steady time when forgetting was last looked at
  std::mutex lock_;
  std::uint64_t lost_ = 0;  // entries that could not be written
  std::string failure_;     // of the last try
};

}  // namespace qianzhi::hub
