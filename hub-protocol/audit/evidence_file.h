// The files of exported evidence: "QZEVID1" and one octet 0x0A, then records, each its length in four octets,
// big-endian, and that many octets. PROTOCOL.md, section 12.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string_view>

#include "hub-protocol/base/bytes.h"

namespace qianzhi::audit {

// Names within a folder of evidence.
inline constexpr std::string_view entries_name = "entries.qza";          // EntryMessage, exact octets
inline constexpr std::string_view checkpoints_name = "checkpoints.qza";  // SignedCheckpointMessage
inline constexpr std::string_view roots_name = "directories.qza";        // SignedRoot, of every directory
inline constexpr std::string_view parts_name = "parts.qza";              // their parts, each once
inline constexpr std::string_view ledger_name = "ledger.qza";            // LedgerHeadMessage, then LedgerMessage

class EvidenceWriter {
 public:
  // The file must not be there. Throws Error(misuse, QZ-HUB-241).
  explicit EvidenceWriter(std::filesystem::path file);
  void add(std::string_view record);
  // All is on stable storage. Throws Error(misuse, QZ-HUB-241).
  void finish();

 private:
  std::filesystem::path file_;
  std::ofstream out_;
};

// Each record in order. Throws Error(unavailable, QZ-SEAL-056) if the file cannot be read, Error(corrupt, QZ-SEAL-086)
// if it is no such file, ends early, or has a record of more than 16 MiB.
void read_evidence(const std::filesystem::path& file, const std::function<void(std::string_view)>& visit);

}  // namespace qianzhi::audit
