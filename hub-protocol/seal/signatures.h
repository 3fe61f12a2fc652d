// Whether the signatures of one message are those that its signer's entry in the directory asks for.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::seal {

struct SignatureView {
  std::string_view key_id;
  std::string_view value;
};

// Each part is empty, or says in English what is wrong.
struct SignatureJudgement {
  std::string unknown;  // a key is not registered, or not for this place
  std::string revoked;  // a key is revoked; the signatures may still hold
  std::string broken;   // one is missing, too many, out of place, or does not hold
  bool holds() const { return unknown.empty() && revoked.empty() && broken.empty(); }
};

// keys: of the signer's entry. key_id, second_key_id (may be empty): what the message names. The record of key_id
// decides: if its role is `alone`, exactly one signature must be there and hold; if it is `first`, exactly two, in this
// order, the second by a key of role `second` of the same entry. More, fewer or others are refused.
SignatureJudgement judge_signatures(std::span<const KeyRecord> keys, Purpose purpose, std::string_view message,
                                    std::string_view key_id, std::string_view second_key_id,
                                    std::span<const SignatureView> signatures);

}  // namespace qianzhi::seal
