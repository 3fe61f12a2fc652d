// Any octets as what somebody without a certificate says when he wants to enrol, and what is typed as a token: the
// first octet says which. What is taken as a token is written back as typed, and a key is taken only whole.
#include <cstdint>

#include "hub-protocol/ca/request.h"
#include "hub-protocol/ca/token.h"
#include "hub-protocol/seal/directory_trust.h"
#include "tests/fuzz/only_errors.h"

using namespace qianzhi;

namespace {

constexpr std::size_t p256_octets = 91;

const seal::SigningKey& directory_key() {
  static const seal::SigningKey key = seal::SigningKey::generate();
  return key;
}

void read(char what, const std::string& text) {
  if (what == 't') {
    const ca::Token token = ca::token_from_text(text);
    QZ_ASSERT(ca::token_from_text(ca::to_text(token)) == token);
  } else if (what == 'r') {
    QZ_ASSERT(ca::key_of_request(text).size() == p256_octets);
  } else {
    const seal::DirectoryTrust trust = seal::trust_in(directory_key().record());
    // Nothing unsigned changes what is trusted.
    QZ_ASSERT(seal::replace_key(text, directory_key().record(), trust) == trust);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  test::errors_only([&] { read(static_cast<char>(data[0]), text); },
                    [](const Error& error) { QZ_ASSERT(error.kind() != ErrorKind::misuse); });
  return 0;
}
