// One exported ledger against the signed receipts in it and the batches beside it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/model/stream.h"
#include "hub-protocol/seal/verify.h"

namespace qianzhi::audit {

// report.counted: of the batches that are there. Must outlive this, as the directory must.
class LedgerVerifier {
 public:
  LedgerVerifier(const Directory& trust, std::string file, seal::VerifyReport& report)
      : trust_(trust), file_(std::move(file)), report_(report) {}

  // The records in their order. Throws Error(corrupt, QZ-SEAL-086) for one that is malformed.
  void add(std::string_view octets);
  // After the last one.
  void finish();

 private:
  struct Applied;
  struct Signed {
    std::uint64_t upserted = 0;
    std::uint64_t removed = 0;
  };
  void add_head(std::string_view octets);
  void check_applied(const Applied& line);

  const Directory& trust_;
  const std::string file_;
  seal::VerifyReport& report_;
  bool has_head_ = false;
  bool is_whole_ = false;
  std::map<StreamId, Position> heads_;
  std::map<std::tuple<StreamId, std::string, Micros>, Signed> signed_;  // by the receipt before
  std::map<std::pair<StreamId, bool>, seal::RowCounts> accepted_;
};

}  // namespace qianzhi::audit
