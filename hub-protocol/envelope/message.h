// What is inside an envelope, made and read in one way at both ends.
#pragma once

#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/envelope/file_form.h"
#include "hub-protocol/wire/envelope.pb.h"

namespace qianzhi {

inline constexpr std::uint32_t file_version = 1;
inline constexpr std::size_t file_limit = 40U << 20U;  // octets of a file; both ends refuse more unread
inline constexpr std::uint32_t begin_again = 409;      // FileMessage.status

// The signed octets: "qianzhi file 1\n", so that no other use of the key can be taken for one of ours, then the
// message.
Bytes content_of(const wire::FileMessage& message);

// Parses and checks that it is what its name says, of this direction, and for `reader`, the digest of the own public
// key. Throws Error(rejected, QZ-LINK-124).
wire::FileMessage message_of(std::string_view content, const FileName& name, const Digest& reader);

FileName name_of(const wire::FileMessage& message);

}  // namespace qianzhi
