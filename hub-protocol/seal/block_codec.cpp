#include "hub-protocol/seal/block_codec.h"

#include <zstd.h>

#include <memory>

#include "hub-protocol/base/error.h"

namespace qianzhi::seal {

namespace {

constexpr char plain = 0;
constexpr char zstd = 1;
constexpr int level = 1;
constexpr std::size_t compress_above = 256;
constexpr std::size_t length_octets = 4;
constexpr std::size_t plain_prefix = salt_octets + 1;
constexpr std::size_t zstd_prefix = plain_prefix + length_octets;

// A context costs more to make than a small block to compress; each thread keeps its own.
ZSTD_CCtx* compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  return context.get();
}

ZSTD_DCtx* decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  return context.get();
}

void put_raw_length(char* out, std::size_t size) {
  for (std::size_t i = 0; i < length_octets; ++i)
    out[i] = static_cast<char>((size >> (8U * (length_octets - 1 - i))) & 0xFFU);
}

}  // namespace

Bytes make_block(std::string_view salt, std::string_view raw) {
  QZ_ASSERT(salt.size() == salt_octets && raw.size() <= UINT32_MAX);
  Bytes block;
  if (raw.size() > compress_above) {
    block.resize(zstd_prefix + ZSTD_compressBound(raw.size()));
    const std::size_t size = ZSTD_compressCCtx(compressor(), block.data() + zstd_prefix, block.size() - zstd_prefix,
                                               raw.data(), raw.size(), level);
    if (ZSTD_isError(size) == 0 && size + length_octets < raw.size()) {
      salt.copy(block.data(), salt.size());
      block[salt_octets] = zstd;
      put_raw_length(block.data() + plain_prefix, raw.size());
      block.resize(zstd_prefix + size);
      return block;
    }
    block.clear();
  }
  block.reserve(plain_prefix + raw.size());
  block.append(salt).push_back(plain);
  return block.append(raw);
}

std::size_t raw_size(std::string_view block, const Fault& fault) {
  if (block.size() < plain_prefix) fault.raise("a block is cut off");
  if (block[salt_octets] == plain) return block.size() - plain_prefix;
  if (block[salt_octets] != zstd) fault.raise("a block has an unknown codec");
  if (block.size() < zstd_prefix) fault.raise("a block is cut off");
  std::size_t size = 0;
  for (std::size_t i = plain_prefix; i < zstd_prefix; ++i) size = size << 8U | static_cast<std::uint8_t>(block[i]);
  return size;
}

std::string_view open_block(std::string_view block, Bytes& buffer, const Fault& fault) {
  const std::size_t size = raw_size(block, fault);
  if (block[salt_octets] == plain) return block.substr(plain_prefix);
  const std::string_view payload = block.substr(zstd_prefix);
  if (ZSTD_getFrameContentSize(payload.data(), payload.size()) != size ||
      ZSTD_findFrameCompressedSize(payload.data(), payload.size()) != payload.size())
    fault.raise("a compressed block is not what it declares");
  buffer.resize(size);
  if (ZSTD_decompressDCtx(decompressor(), buffer.data(), size, payload.data(), payload.size()) != size)
    fault.raise("a compressed block is not what it declares");
  return buffer;
}

}  // namespace qianzhi::seal
