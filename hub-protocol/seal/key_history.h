// Which key signed each of many directory roots: for an auditor, who holds roots of years and the one key that he
// pinned.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/model/directory.h"

namespace qianzhi::seal {

// A value. Knows no root until walk() was called.
class KeyHistory {
 public:
  // pinned: trusted before the oldest root that is to be verified. root_key: the exchange's off-line key, where it was
  // pinned as well; a replacement that a root carries then counts.
  explicit KeyHistory(KeyRecord pinned, std::optional<KeyRecord> root_key = std::nullopt);

  // Follows what each root announces, in the order of their versions, in whatever order they are given. What was not
  // signed by the key of its time counts for nothing.
  void walk(std::vector<Bytes> signed_roots);

  // The key of its time that signed this root; null for a root that was not walked, or that none signed.
  const KeyRecord* key_of(std::string_view signed_root) const;

 private:
  KeyRecord pinned_;
  std::optional<KeyRecord> root_key_;
  std::map<Bytes, KeyRecord, std::less<>> keys_;  // by root
};

}  // namespace qianzhi::seal
