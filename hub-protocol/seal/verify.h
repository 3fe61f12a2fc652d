// Offline verification of exported batches: what `qianzhi verify FILE|DIR` runs. No network, no database.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/directory.h"

namespace qianzhi::seal {

// Exit codes of `qianzhi verify`, worst first when several apply: tampered > malformed > untrusted > incomplete.
enum class Verdict { good = 0, tampered = 1, incomplete = 2, untrusted = 3, malformed = 4, could_not_check = 6 };

struct Finding {
  Verdict verdict = Verdict::good;
  std::string file;
  std::string code;    // QZ-SEAL-...
  std::string detail;  // English; the code's table has Chinese
};

struct VerifyReport {
  Verdict verdict = Verdict::good;
  std::vector<Finding> findings;  // all of them, none left out
  std::size_t batches = 0;
  std::size_t rows = 0;
};

// path: one exported batch (*.qzb) or a directory of them; chains are checked per stream over all files given.
// trust: directory with the keys; a batch by a revoked or unknown key is untrusted.
VerifyReport verify_files(const std::filesystem::path& path, const Directory& trust);

// {"verdict":"good","batches":1,"rows":2,"findings":[...]}
std::string to_json(const VerifyReport& report);

}  // namespace qianzhi::seal
