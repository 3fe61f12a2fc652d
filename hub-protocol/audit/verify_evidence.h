// Offline verification of an exported audit trail and ledger: what `qianzhi verify DIR` runs beside that of batches. No
// network, no database.
#pragma once

#include <filesystem>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/verify.h"

namespace qianzhi::audit {

// Some folder in it, at any depth, holds evidence.
bool has_evidence(const std::filesystem::path& path);

// Checks every folder of evidence in `path`, and all of them against each other: what an earlier export holds, a later
// one must hold as well. trust: the directory, with the hub's key and those of the subscribers. directory_key: signs it
// and the older ones in the evidence, whose keys hold for what is older. report.counted: batches that were verified
// before; ledgers are compared with them. Adds findings: QZ-SEAL-051, 056 and 086 to 094.
void verify_evidence(const std::filesystem::path& path, const Directory& trust, const KeyRecord& directory_key,
                     seal::VerifyReport& report);

}  // namespace qianzhi::audit
