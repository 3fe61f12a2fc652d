// What must be true of a posted batch before the accept rule looks at it: form, origin, rights, key, signature,
// contents. Reads nothing but the batch and the directory, so it runs outside every lock.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/batch.h"

namespace qianzhi::hub {

struct Candidate {
  std::string_view octets;            // the caller's; must outlive this
  std::optional<seal::Parsed> batch;  // nothing: it is no batch
  // Empty: nothing against it. Else code and detail of the first objection. A repeat of an accepted batch is
  // answered whatever is objected, but for a foreign origin.
  std::string code;
  std::string detail;
  bool foreign = false;  // its origin is not the caller
  seal::RowCounts rows;  // known if nothing is against it
};

Candidate examine(std::string_view octets, const std::string& caller, const Directory& directory);

}  // namespace qianzhi::hub
