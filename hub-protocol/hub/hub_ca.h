// The running hub's side of its own authority: who may enrol, and the list of what was revoked.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "hub-protocol/base/error.h"
#include "hub-protocol/enrol/enrolment.h"
#include "hub-protocol/hub/hub_config.h"

namespace qianzhi::hub {

// Nothing if the configuration has none. Throws Error(misuse): QZ-HUB-221, QZ-HUB-041, QZ-SEAL-021 for a key that
// others may read.
std::optional<ca::Authority> authority_of(const HubConfig& config);
enrol::Policy policy_of(const HubConfig& config);

// The list in a file beside the store, for the TLS listener. Belongs to one thread at a time.
class RevocationList {
 public:
  explicit RevocationList(std::filesystem::path file) : file_(std::move(file)) {}

  const std::filesystem::path& file() const { return file_; }
  // Writes the list if it says something else than before or is half-way to its end. True: it was written.
  bool update(const ca::Authority& authority, const std::vector<ca::Revocation>& revoked, Micros now);

 private:
  std::filesystem::path file_;
  std::vector<ca::Revocation> listed_;
  Micros next_update_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace qianzhi::hub
