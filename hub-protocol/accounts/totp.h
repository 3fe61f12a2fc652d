// One-time codes by time (RFC 6238: SHA-1, 30 s, 6 digits; what every authenticator app knows).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::accounts {

inline constexpr std::size_t totp_secret_octets = 20;
inline constexpr Micros totp_period = 30'000'000;

std::uint64_t totp_step_at(Micros now);
// digits: 6 to 8.
std::string totp_code(std::string_view secret, std::uint64_t step, int digits = 6);
// The step whose code this is: now's, the one before or after, and newer than `last`, so that each code counts once.
// Looks at all of them in the same time.
std::optional<std::uint64_t> accepted_step(std::string_view secret, std::string_view code, Micros now,
                                           std::uint64_t last);

// RFC 4648 without padding, as people type a secret in.
std::string base32(std::string_view octets);
// "otpauth://totp/..." for authenticator apps.
std::string otpauth_uri(std::string_view secret, std::string_view account, std::string_view issuer);

}  // namespace qianzhi::accounts
