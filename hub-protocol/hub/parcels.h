// Requests and answers on their way: whether a parcel may go from one agent to another, and its keeping until the other
// has it (PROTOCOL.md section 17). What is in it only its reader can tell.
#pragma once

#include <functional>
#include <memory>
#include <optional>
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
  // Likewise, but in bounded numbers and later: of what is not carried.
  std::function<void(const audit::Entry&)> tally;
  std::function<void()> on_news;                 // a parcel came: who waits looks again
  Micros longest = 90 * Micros{86'400'000'000};  // from now to a deadline
};

// Safe to call from many threads.
class Parcels {
 public:
  explicit Parcels(ParcelParts parts) : parts_(std::move(parts)) {}

  // An agent's call. A parcel that cannot be taken is told by its verdict; nothing is thrown for it. Throws
  // Error(rejected, QZ-HUB-011) for too many of anything, QZ-HUB-001 for a caller whom the directory does not know.
  wire::ParcelsReply exchange(const std::string& caller, const wire::ParcelsRequest& request);
  // Whether a parcel waits for this agent.
  bool waits_for(const std::string& caller) const { return parts_.box.waits_for(caller, parts_.clock.now()); }
  // Lets go of what is over. Call now and then.
  void expire();

 private:
  void put(const std::string& caller, const wire::ParcelsRequest& request, wire::ParcelsReply& reply);
  // Throws Error(rejected, QZ-HUB-251 to 253, QZ-SEAL-100 to 105), Error(unavailable, QZ-HUB-254).
  seal::ParcelHead judge(const std::string& caller, const wire::Parcel& parcel, const Directory& directory) const;
  void check_ask(const seal::ParcelHead& head, const Directory& directory) const;
  void check_reply(const seal::ParcelHead& head, const Directory& directory) const;

  ParcelParts parts_;
};

}  // namespace qianzhi::hub
