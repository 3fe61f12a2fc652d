// A file as it passes the gateway: its name, and the frame that tells whether all of it has come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"

namespace qianzhi {

// qz1-AGENT-CONVERSATION-NUMBER-request.qz, or -reply.qz: the conversation as 32 hexadecimal digits, the number as
// twelve decimal ones. The name is a hint for sorting; what counts is said again inside, under the signature.
struct FileName {
  std::string agent;         // 1 to 64 characters a-z 0-9 - _ .
  std::string conversation;  // 32 characters 0-9 a-f
  std::uint64_t number = 0;  // 1 to 999'999'999'999
  bool is_reply = false;

  auto operator<=>(const FileName&) const = default;
};

std::string to_text(const FileName& name);
// Nothing for every other name.
std::optional<FileName> parse_file_name(std::string_view text);

// "QZFILE1\n", the length of the body in eight octets, big-endian, its SHA-256, the body. It protects from nothing
// but reading a file too early.
inline constexpr std::size_t frame_head = 48;
Bytes framed(std::string_view body);
// The body, a view into octets; nothing while the file is not whole.
std::optional<std::string_view> unframed(std::string_view octets);

Digest sha256_of(std::string_view octets);

}  // namespace qianzhi
