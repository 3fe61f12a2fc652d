// Rows of qianzhi_mark as every SQL target keeps them: two numbers, and the digest in hexadecimal, empty for none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/model/stream.h"

namespace qianzhi::adapter {

// Throws Error(rejected, QZ-BASE-002) if the digest is none.
Head head_of_mark(std::uint64_t epoch, std::uint64_t sequence, std::string_view digest);
std::string digest_of_mark(const Head& head);

// Whether a transaction that expects this head may go on. held: the head of the mark row, if there is a row; one whose
// head is none counts as no row (TargetTransaction::expected).
bool is_expected(const std::optional<Head>& held, const Head& expected);

}  // namespace qianzhi::adapter
