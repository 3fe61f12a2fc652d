// Offline verification of an exported audit trail and ledger: what `qianzhi verify DIR` runs beside that of batches. No
// network, no database.
#pragma once

#include <filesystem>
#include <vector>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/key_history.h"
#include "hub-protocol/seal/verify.h"

namespace qianzhi::audit {

// Some folder in it, at any depth, holds evidence.
bool has_evidence(const std::filesystem::path& path);

// Checks every folder of evidence in `path`, and all of them against each other: what an earlier export holds, a later
// one must hold as well. trust: the directory, with the hub's key and those of the subscribers. keys: of the older
// ones in the evidence, whose members' keys hold for what is older. report.counted: batches that were verified
// before; ledgers are compared with them. Adds findings: QZ-SEAL-051, 056 and 086 to 094.
void verify_evidence(const std::filesystem::path& path, const Directory& trust, const seal::KeyHistory& keys,
                     seal::VerifyReport& report);

// The directories of every folder of evidence, for KeyHistory::walk(). What cannot be read is left out here: it is a
// finding of verify_evidence().
std::vector<Bytes> roots_below(const std::filesystem::path& path);

}  // namespace qianzhi::audit
