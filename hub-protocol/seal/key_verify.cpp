#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/algorithm.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/seal/key_parameters.h"
#include "hub-protocol/seal/signature_form.h"

namespace qianzhi::seal {

namespace {

constexpr std::size_t most_signer_id = 128;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

// From the raw key: OpenSSL's decoder of SubjectPublicKeyInfo takes longer than a verification. A point that is not on
// its curve gives nothing.
Key public_key(const AlgorithmTraits& traits, std::string_view spki) {
  Key none(nullptr, &EVP_PKEY_free);
  if (traits.group == nullptr) {
    none.reset(EVP_PKEY_new_raw_public_key_ex(nullptr, traits.type, nullptr,
                                              octets_of(spki.substr(traits.spki_prefix.size())), traits.raw_octets));
    return none;
  }
  const std::string_view point = spki.substr(traits.spki_prefix.size() - 1);  // with the octet 04
  // The library reads both, whatever its signatures say.
  std::array<OSSL_PARAM, 3> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(traits.group), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<char*>(point.data()), point.size()),
      OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, traits.type, nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  if (context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.data()) == 1)
    none.reset(key);
  return none;
}

}  // namespace

std::string fault_of(const KeyRecord& record) {
  if (record.id != digest_of(record.spki, record.suite).hex()) return "the key's id is not the digest of the key";
  const AlgorithmTraits* traits = traits_of(record.algorithm);
  if (traits == nullptr) return {};
  if (traits_of_spki(record.spki) != traits) return "this is no " + record.algorithm + " key in the accepted form";
  if (traits->algorithm != Algorithm::sm2)
    return record.signer_id.empty() ? std::string() : "a signer id goes with SM2 only";
  if (record.signer_id.empty() || record.signer_id.size() > most_signer_id)
    return "the signer id must have 1 to 128 octets";
  return {};
}

bool verify_octets(const KeyRecord& record, std::string_view octets, std::string_view signature) {
  const AlgorithmTraits* traits = traits_of(record.algorithm);
  if (traits == nullptr || !fault_of(record).empty() || !has_one_form(traits->algorithm, signature)) return false;
  const Key key = public_key(*traits, record.spki);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_PKEY_CTX* operation = nullptr;  // the context's
  return key != nullptr && context != nullptr &&
         EVP_DigestVerifyInit_ex(context.get(), &operation, traits->digest, nullptr, nullptr, key.get(), nullptr) ==
             1 &&
         tell_signer_id(operation, record) &&
         EVP_DigestVerify(context.get(), octets_of(signature), signature.size(), octets_of(octets), octets.size()) == 1;
}

bool verify(const KeyRecord& record, Purpose purpose, std::string_view message, std::string_view signature) {
  return verify_octets(record, signed_octets(purpose, message), signature);
}

}  // namespace qianzhi::seal
