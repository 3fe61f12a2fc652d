// Evidence for an auditor: audit trail, checkpoints, ledger and directory as files that `qianzhi verify` checks
// offline.
#pragma once

#include <filesystem>

#include "hub-protocol/hub/verbs.h"

namespace qianzhi::hub {

struct EvidenceReport {
  std::uint64_t first = 0;  // entries
  std::uint64_t last = 0;
  std::size_t lines = 0;  // of the ledger
  bool with_directory = false;
};

// Writes into `to`, which must be absolute, and new or empty, for `actor`:
//   entries.qza checkpoints.qza ledger.qza   PROTOCOL.md section 12
//   directories.qza parts.qza                every directory that was in force
//   directory.qzd                            the directory in force, if the store has it whole
//   audit.csv ledger.csv                     the same for people
//   last.signed last.signature hub.pub.pem   the newest checkpoint for plain openssl
// Entries begin behind the newest checkpoint before days.first; the ledger covers `days`. That it was exported is the
// newest entry, and a checkpoint is signed over it. Throws Error(misuse, QZ-HUB-241).
EvidenceReport write_evidence(Office& office, const audit::Actor& actor, const std::filesystem::path& to, Days days);

}  // namespace qianzhi::hub
