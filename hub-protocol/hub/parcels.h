// Requests and answers on their way: whether a parcel may go from one agent to another, and its keeping until the other
// has it (PROTOCOL.md section 17). What is in it only its reader can tell.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hub-protocol/audit/audit_log.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/hub/parcel_box.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/wire/parcels.pb.h"

namespace qianzhi::hub {

struct ParcelParts {
  ParcelBox& box;
  const Clock& clock;
  std::function<std::shared_ptr<const Directory>()> directory;  // in force
  // Enters these in the audit trail, durably. What it throws ends the call: nothing is carried that is not entered.
  std::function<void(const std::vector<audit::Entry>&)> enter;
  std::function<void()> on_news;         // a parcel came: who waits looks again
  Micros longest = 90 * Micros{86'400'000'000};  // from now to a deadline
};

// Safe to call from many threads.
class Parcels {
 public:
  explicit Parcels(ParcelParts parts);

  // An agent's call. A parcel that cannot be taken is told by its verdict; nothing is thrown for it. Throws
  // Error(rejected, QZ-HUB-011) for a call that is malformed.
  wire::ParcelsReply exchange(const std::string& caller, const wire::ParcelsRequest& request);
  // Whether a parcel waits for this agent.
  bool waits_for(const std::string& caller) const;
  // Lets go of what is over. Call now and then.
  void expire();

 private:
  struct Judged;
  Judged judge(const std::string& caller, const wire::Parcel& parcel, const Directory& directory, Micros now) const;
  void check_ask(const wire::ParcelHead& head, const Directory& directory, Micros now) const;
  void check_answer(const wire::ParcelHead& head, const Directory& directory) const;

  ParcelParts parts_;
};

}  // namespace qianzhi::hub
