#include "hub-protocol/seal/signature_form.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

#include <memory>
#include <optional>

#include "hub-protocol/base/error.h"

namespace qianzhi::seal {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t ed25519_octets = 64;
constexpr std::size_t integer_octets = 32;
constexpr unsigned char sequence_tag = 0x30;
constexpr unsigned char integer_tag = 0x02;
// Half the order of secp256r1, rounded down (FIPS 186-4, D.1.2.3).
constexpr std::string_view p256_half =
    "\x7f\xff\xff\xff\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff\xde\x73\x7d\x56\xd3\x8b\xcf\x42\x79\xdc\xe5\x61"
    "\x7e\x31\x92\xa8"sv;

unsigned char octet(std::string_view text, std::size_t place) { return static_cast<unsigned char>(text[place]); }

// Takes one INTEGER off the front of rest: its magnitude without a leading zero.
std::optional<std::string_view> take_integer(std::string_view& rest) {
  if (rest.size() < 3 || octet(rest, 0) != integer_tag) return std::nullopt;
  const std::size_t size = octet(rest, 1);
  if (size == 0 || size > integer_octets + 1 || rest.size() < size + 2) return std::nullopt;
  std::string_view value = rest.substr(2, size);
  rest.remove_prefix(size + 2);
  if (octet(value, 0) >= 0x80) return std::nullopt;  // negative
  if (octet(value, 0) != 0) return value.size() <= integer_octets ? std::optional(value) : std::nullopt;
  // A zero in front only where the next octet would look negative. So zero itself is refused too.
  if (value.size() < 2 || octet(value, 1) < 0x80) return std::nullopt;
  return value.substr(1);
}

bool at_most_half(std::string_view s) { return Bytes(integer_octets - s.size(), '\0').append(s) <= p256_half; }

}  // namespace

bool has_one_form(Algorithm algorithm, std::string_view signature) {
  if (algorithm == Algorithm::ed25519) return signature.size() == ed25519_octets;
  if (signature.size() < 2 || octet(signature, 0) != sequence_tag) return false;
  // At most 2 * 35 octets: the length always is one octet.
  if (octet(signature, 1) >= 0x80 || signature.size() != octet(signature, 1) + std::size_t{2}) return false;
  std::string_view rest = signature.substr(2);
  const auto r = take_integer(rest);
  const auto s = r ? take_integer(rest) : std::nullopt;
  if (!s || !rest.empty()) return false;
  return algorithm != Algorithm::ecdsa_p256 || at_most_half(*s);
}

Bytes in_one_form(Algorithm algorithm, const Bytes& signature) {
  if (has_one_form(algorithm, signature)) return signature;
  const unsigned char* octets = octets_of(signature);
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
      d2i_ECDSA_SIG(nullptr, &octets, static_cast<long>(signature.size())), &ECDSA_SIG_free);
  const std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1),
                                                                  &EC_GROUP_free);
  const auto fail = [] { throw Error(ErrorKind::unavailable, "QZ-SEAL-022", "form of a signature"); };
  if (algorithm != Algorithm::ecdsa_p256 || pair == nullptr || group == nullptr) fail();
  BIGNUM* r = BN_dup(ECDSA_SIG_get0_r(pair.get()));
  BIGNUM* s = BN_new();
  const bool set = r != nullptr && s != nullptr &&
                   BN_sub(s, EC_GROUP_get0_order(group.get()), ECDSA_SIG_get0_s(pair.get())) == 1 &&
                   ECDSA_SIG_set0(pair.get(), r, s) == 1;
  if (!set) {
    BN_free(r);
    BN_free(s);
    fail();
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) fail();
  Bytes low(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  if (!has_one_form(algorithm, low)) fail();
  return low;
}

}  // namespace qianzhi::seal
