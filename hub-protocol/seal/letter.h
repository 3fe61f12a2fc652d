// Letters: signed words between the subscriber of a stream and its provider, carried by the hub (wire/exchange.proto).
#pragma once

#include <cstddef>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::wire {
class Comparison;
class Letter;
}  // namespace qianzhi::wire

namespace qianzhi::seal {

// Of a letter's body. Holds 2^16 sums, or 32,768 rows, and something around them.
inline constexpr std::size_t letter_limit = (1U << 20U) + (512U << 10U);

// By one key, or by both of a pair. Precondition: content.from is the key's owner.
void sign_letter(const wire::Comparison& content, const SigningKey& key, wire::Letter& letter);

// Verifies, and only then reads. Throws Error(rejected, QZ-SEAL-060): larger than the limit, no active key of an
// enabled agent of the directory signed it as that agent's entry asks, or its content is malformed: `from` is not the
// signer, neither party or not exactly one is the provider of its stream, or what its step must hold is not there.
void open_letter(const wire::Letter& letter, const Directory& directory, wire::Comparison& content);
// The last of it: whether the content is well formed.
void check_letter(const wire::Comparison& content);

}  // namespace qianzhi::seal
