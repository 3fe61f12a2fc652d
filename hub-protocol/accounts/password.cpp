#include "hub-protocol/accounts/password.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <memory>

#include "hub-protocol/base/error.h"

namespace qianzhi::accounts {

namespace {

constexpr std::size_t salt_octets = 16;
constexpr std::size_t hash_octets = 32;
constexpr std::uint64_t memory_limit = 256U << 20U;

struct FreeKdf {
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

// Empty: a cost out of bounds, as only a damaged record has.
Bytes scrypt(std::string_view password, std::string_view salt, const ScryptCost& cost) {
  if (cost.log_n < 1 || cost.log_n > 20) return {};
  const std::unique_ptr<EVP_KDF, FreeKdf> kdf(EVP_KDF_fetch(nullptr, "SCRYPT", nullptr));
  const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(EVP_KDF_CTX_new(kdf.get()));
  std::uint64_t n = std::uint64_t{1} << cost.log_n;
  std::uint32_t block = cost.block;
  std::uint32_t lanes = cost.lanes;
  std::uint64_t limit = memory_limit;
  Bytes secret(password);
  Bytes salted(salt);
  const std::array<OSSL_PARAM, 7> parameters = {
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salted.data(), salted.size()),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &block),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &lanes),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &limit),
      OSSL_PARAM_construct_end()};
  std::array<unsigned char, hash_octets> hash{};
  const bool done = context && EVP_KDF_derive(context.get(), hash.data(), hash.size(), parameters.data()) == 1;
  OPENSSL_cleanse(secret.data(), secret.size());
  if (!done) return {};
  return {hash.begin(), hash.end()};
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

int classes_in(std::string_view password) {
  const auto has = [&](auto&& is) { return std::any_of(password.begin(), password.end(), is) ? 1 : 0; };
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return has(lower) + has(upper) + has(digit) + has([&](char c) { return !lower(c) && !upper(c) && !digit(c); });
}

}  // namespace

PasswordHash hash_password(std::string_view password, const ScryptCost& cost, Random& random) {
  PasswordHash result{random.bytes(salt_octets), {}, cost};
  result.hash = scrypt(password, result.salt, cost);
  QZ_ASSERT(!result.hash.empty());
  return result;
}

bool is_password(std::string_view password, const PasswordHash& hash, const ScryptCost& usual) {
  static constexpr std::string_view no_salt = "0123456789abcdef";
  const bool is_real = !hash.is_empty();
  const Bytes made = scrypt(password, is_real ? std::string_view(hash.salt) : no_salt, is_real ? hash.cost : usual);
  const Bytes expected = is_real ? hash.hash : Bytes(hash_octets, '\0');
  const bool same =
      made.size() == expected.size() && !made.empty() && CRYPTO_memcmp(made.data(), expected.data(), made.size()) == 0;
  return same && is_real;
}

void require_good(std::string_view password, std::string_view account) {
  const auto refuse = [](const char* why) { throw Error(ErrorKind::misuse, "QZ-HUB-276", why); };
  if (password.size() < 12) refuse("少于 12 个字符 / fewer than 12 characters");
  if (password.size() > 200) refuse("多于 200 个字节 / more than 200 octets");
  if (std::any_of(password.begin(), password.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }))
    refuse("含控制字符 / holds control characters");
  if (classes_in(password) < 3)
    refuse("小写、大写、数字、其他字符中不足三类 / fewer than three of lower case, upper case, digits, others");
  if (lower_case(password).find(lower_case(account)) != std::string::npos && !account.empty())
    refuse("含账户名 / holds the account's name");
}

std::string initial_password(Random& random) {
  // 31 characters, none like another; what is fixed has the kinds that require_good() wants.
  static constexpr std::string_view alphabet = "23456789abcdefghjkmnpqrstuvwxyz";
  const Bytes octets = random.bytes(20);
  std::string password;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i != 0 && i % 5 == 0) password += '-';
    password += alphabet[static_cast<unsigned char>(octets[i]) % alphabet.size()];
  }
  return "Qz-" + password;
}

}  // namespace qianzhi::accounts
