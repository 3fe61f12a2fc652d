#include "hub-protocol/ca/token.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <vector>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"

namespace qianzhi::ca {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t group_data = 5;
constexpr std::size_t group_size = group_data + 1;
constexpr std::size_t checksum_octets = 4;
constexpr std::size_t most_text = 1000;
constexpr char format = 1;

[[noreturn]] void mistyped(const std::string& what) { throw Error(ErrorKind::rejected, "QZ-AGT-120", what); }

// Odd weights, so that any one wrong character changes the sum modulo 32; the place, so that groups cannot be swapped.
unsigned check_of(const unsigned* digits, std::size_t count, std::size_t place) {
  constexpr unsigned weights[group_data] = {1, 3, 7, 11, 15};
  unsigned sum = static_cast<unsigned>(place) * 5 + 1;
  for (std::size_t i = 0; i < count; ++i) sum += weights[i] * digits[i];
  return sum % 32;
}

int digit_of(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  const std::size_t found = alphabet.find(c);
  return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

std::vector<unsigned> digits_of(std::string_view octets) {
  std::vector<unsigned> digits;
  unsigned held = 0;
  unsigned bits = 0;
  for (const char octet : octets) {
    held = (held << 8U | static_cast<unsigned char>(octet)) & 0xFFFFU;
    for (bits += 8; bits >= 5; bits -= 5) digits.push_back(held >> (bits - 5) & 31U);
  }
  if (bits > 0) digits.push_back(held << (5 - bits) & 31U);
  return digits;
}

Bytes octets_from(const std::vector<unsigned>& digits) {
  Bytes octets;
  unsigned held = 0;
  unsigned bits = 0;
  for (const unsigned digit : digits) {
    held = (held << 5U | digit) & 0xFFFFU;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    octets.push_back(static_cast<char>(held >> bits & 0xFFU));
  }
  return octets;
}

Bytes checksum_of(std::string_view octets) {
  return seal::digest_of(octets, DigestSuite::sha256).bytes().substr(0, checksum_octets);
}

// Checks each group and takes its check character off.
std::vector<unsigned> checked_digits(std::string_view text) {
  if (text.size() > most_text) mistyped("too long");
  std::vector<unsigned> typed;
  for (const char c : text) {
    if (c == '-' || c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    const int digit = digit_of(c);
    if (digit < 0) mistyped("group " + std::to_string(typed.size() / group_size + 1));
    typed.push_back(static_cast<unsigned>(digit));
  }
  std::vector<unsigned> digits;
  for (std::size_t at = 0; at < typed.size(); at += group_size) {
    const std::size_t size = std::min(group_size, typed.size() - at);
    const std::size_t place = at / group_size + 1;
    if (size < 2 || check_of(&typed[at], size - 1, place) != typed[at + size - 1])
      mistyped("group " + std::to_string(place));
    digits.insert(digits.end(), typed.begin() + static_cast<std::ptrdiff_t>(at),
                  typed.begin() + static_cast<std::ptrdiff_t>(at + size - 1));
  }
  return digits;
}

}  // namespace

std::string to_text(const Token& token) {
  QZ_ASSERT(token.secret.size() == secret_octets && token.fingerprint.size() == fingerprint_octets &&
            token.address.size() <= address_octets);
  Bytes octets(1, format);
  octets.append(token.secret).append(token.fingerprint);
  octets.push_back(static_cast<char>(token.address.size()));
  octets.append(token.address);
  octets.append(checksum_of(octets));
  const std::vector<unsigned> digits = digits_of(octets);
  std::string text;
  for (std::size_t at = 0; at < digits.size(); at += group_data) {
    const std::size_t size = std::min(group_data, digits.size() - at);
    if (at > 0) text.push_back('-');
    for (std::size_t i = 0; i < size; ++i) text.push_back(alphabet[digits[at + i]]);
    text.push_back(alphabet[check_of(&digits[at], size, at / group_data + 1)]);
  }
  return text;
}

Token token_from_text(std::string_view text) {
  const Bytes octets = octets_from(checked_digits(text));
  constexpr std::size_t head = 1 + secret_octets + fingerprint_octets + 1;
  if (octets.size() < head + checksum_octets) mistyped("too short");
  const std::size_t address = static_cast<unsigned char>(octets[head - 1]);
  if (octets[0] != format || address > address_octets) mistyped("not a token of this version");
  if (octets.size() != head + address + checksum_octets) mistyped("some groups are missing or too many");
  const std::string_view all(octets);
  if (checksum_of(all.substr(0, head + address)) != all.substr(head + address)) mistyped("the checksum");
  return {octets.substr(1, secret_octets), octets.substr(1 + secret_octets, fingerprint_octets),
          octets.substr(head, address)};
}

Digest hash_of_secret(std::string_view secret) {
  return seal::digest_of("QIANZHI-TOKEN\n" + std::string(secret), DigestSuite::sha256);
}

Bytes fingerprint_of(std::string_view certificate) {
  return seal::digest_of(certificate, DigestSuite::sha256).bytes().substr(0, fingerprint_octets);
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace qianzhi::ca
