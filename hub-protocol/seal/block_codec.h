// One block of a sealed batch, internal to this folder: 16 octets of salt, one octet of codec (0 plain, 1 zstd), for
// zstd the raw length in four octets, big-endian, and the payload. Its digest covers all of that. The salt keeps who
// holds a manifest from guessing the content of a block that was left out.
#pragma once

#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/seal/wire_codec.h"

namespace qianzhi::seal {

constexpr std::size_t salt_octets = 16;

// zstd level 1 if raw is over 256 octets and gets smaller by it.
Bytes make_block(std::string_view salt, std::string_view raw);

// Octets that open_block() will need: what the block itself declares.
std::size_t raw_size(std::string_view block, const Fault& fault);

// Content of a block: a view into it, or into buffer after decompression. Trusts neither length: the one declared by
// us and the one in the zstd frame must both be what comes out.
std::string_view open_block(std::string_view block, Bytes& buffer, const Fault& fault);

}  // namespace qianzhi::seal
