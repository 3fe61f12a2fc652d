// Offline verification of exported batches: what `qianzhi verify FILE|DIR` runs. No network, no database.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/batch.h"

namespace qianzhi::seal {

// Exit codes of `qianzhi verify`, worst first when several apply: tampered > malformed > untrusted > incomplete.
enum class Verdict { good = 0, tampered = 1, incomplete = 2, untrusted = 3, malformed = 4, could_not_check = 6 };

struct Finding {
  Verdict verdict = Verdict::good;
  std::string file;
  std::string code;    // QZ-SEAL-...
  std::string detail;  // English; the code's table has Chinese
};

// What a batch adds to a ledger.
struct CountedBatch {
  StreamId stream;
  Position position;
  bool is_first = false;  // names no batch before it
  bool is_refill = false;
  RowCounts rows;
};

struct VerifyReport {
  Verdict verdict = Verdict::good;
  std::vector<Finding> findings;  // all of them, none left out
  std::size_t batches = 0;
  std::size_t rows = 0;
  std::vector<CountedBatch> counted;  // those whose content holds
  // Of an exported audit trail and ledger (hub-protocol/audit/verify_evidence.h).
  std::size_t entries = 0;
  std::size_t checkpoints = 0;
  std::size_t receipts = 0;

  // The worst verdict counts.
  void add(Finding finding);
};

// path: one exported batch (*.qzb) or a directory of them; chains are checked per stream over all files given.
// trust: directory with the keys. A batch by an unknown key is untrusted, one by a revoked key as well unless a later
// batch in the files, linked to it and by a key that is not revoked, vouches for it; so is one by a key that made way
// for a new one earlier in the stream. Signatures must be exactly those that the directory asks for.
VerifyReport verify_files(const std::filesystem::path& path, const Directory& trust);

// {"verdict":"good","batches":1,"rows":2,"findings":[...]}
std::string to_json(const VerifyReport& report);

}  // namespace qianzhi::seal
