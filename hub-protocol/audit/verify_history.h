// The exported directories: whom and which keys an auditor trusts for what lies before the directory in force.
#pragma once

#include <filesystem>
#include <set>
#include <vector>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/key_history.h"
#include "hub-protocol/seal/verify.h"

namespace qianzhi::audit {

struct History {
  Directory trust;                  // the given one, with agents and keys that only older ones had
  std::vector<KeyRecord> hub_keys;  // of all directories
  std::set<Digest> roots;           // of all directories that are there
};

// Reads what the folders hold. A root counts only if the key of its time signed it and its parts are there; findings:
// QZ-SEAL-080 or 040 for one that it did not sign, QZ-SEAL-090 for a missing part, 056 and 086 for the files.
History read_history(const std::vector<std::filesystem::path>& folders, const Directory& trust,
                     const seal::KeyHistory& keys, seal::VerifyReport& report);

}  // namespace qianzhi::audit
