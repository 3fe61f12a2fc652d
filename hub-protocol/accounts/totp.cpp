#include "hub-protocol/accounts/totp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "hub-protocol/base/error.h"

namespace qianzhi::accounts {

namespace {

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view hex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    const auto octet = static_cast<unsigned char>(c);
    if (plain)
      result += c;
    else
      result.append(1, '%').append(1, hex[octet >> 4U]).append(1, hex[octet & 15U]);
  }
  return result;
}

}  // namespace

std::uint64_t totp_step_at(Micros now) { return now < 0 ? 0 : static_cast<std::uint64_t>(now / totp_period); }

std::string totp_code(std::string_view secret, std::uint64_t step, int digits) {
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i)
    counter[i] = static_cast<unsigned char>(step >> (8U * (counter.size() - 1 - i)));
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  const unsigned char* made = HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(),
                                   counter.size(), mac.data(), &size);
  QZ_ASSERT(made != nullptr && size == 20);
  const std::size_t at = mac[19] & 15U;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = (number << 8U) | mac[at + i];
  number &= 0x7FFFFFFFU;
  std::string code(static_cast<std::size_t>(digits), '0');
  for (auto digit = code.rbegin(); digit != code.rend(); ++digit, number /= 10)
    *digit = static_cast<char>('0' + number % 10);
  return code;
}

std::optional<std::uint64_t> accepted_step(std::string_view secret, std::string_view code, Micros now,
                                           std::uint64_t last) {
  const std::uint64_t middle = totp_step_at(now);
  std::optional<std::uint64_t> found;
  for (std::uint64_t step = middle == 0 ? 0 : middle - 1; step <= middle + 1; ++step) {
    const std::string expected = totp_code(secret, step);
    const bool same = code.size() == expected.size() && CRYPTO_memcmp(code.data(), expected.data(), code.size()) == 0;
    if (same && step > last && !found) found = step;
  }
  return found;
}

std::string base32(std::string_view octets) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : octets) {
    buffer = (buffer << 8U) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(buffer >> (bits - 5)) & 31U];
  }
  if (bits > 0) text += alphabet[(buffer << (5 - bits)) & 31U];
  return text;
}

std::string otpauth_uri(std::string_view secret, std::string_view account, std::string_view issuer) {
  const std::string name = percent_encoded(issuer);
  return "otpauth://totp/" + name + ":" + percent_encoded(account) + "?secret=" + base32(secret) + "&issuer=" + name +
         "&algorithm=SHA1&digits=6&period=30";
}

}  // namespace qianzhi::accounts
