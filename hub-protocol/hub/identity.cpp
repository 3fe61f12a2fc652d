#include "hub-protocol/hub/identity.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "hub-protocol/base/error.h"

namespace qianzhi::hub {

namespace {

using Certificate = std::unique_ptr<X509, void (*)(X509*)>;
using Names = std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)>;

[[noreturn]] void refuse(const char* code, const std::string& detail) {
  throw Error(ErrorKind::rejected, code, detail);
}

bool is_agent_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

// By length, never as a C string: a name may hold a NUL on purpose.
std::string agent_of(const X509* certificate) {
  constexpr std::string_view prefix = "urn:qianzhi:agent:";
  int state = 0;
  const Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, &state, nullptr)),
                    GENERAL_NAMES_free);
  if (names == nullptr) refuse("QZ-LINK-101", state == -2 ? "two name extensions" : "no subject alternative name");
  if (sk_GENERAL_NAME_num(names.get()) != 1) refuse("QZ-LINK-101", "more than one subject alternative name");
  const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), 0);
  if (name->type != GEN_URI) refuse("QZ-LINK-101", "the subject alternative name is no URI");
  const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
  const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                              static_cast<std::size_t>(ASN1_STRING_length(uri)));
  if (text.substr(0, prefix.size()) != prefix || !is_agent_id(text.substr(prefix.size()))) {
    refuse("QZ-LINK-101", "the URI is not urn:qianzhi:agent:ID");
  }
  return std::string(text.substr(prefix.size()));
}

Digest key_digest_of(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) refuse("QZ-LINK-101", "the public key cannot be read");
  Digest digest;
  unsigned int length = Digest::size;
  const int done =
      EVP_Digest(der, static_cast<std::size_t>(size), digest.octets.data(), &length, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  if (done != 1) refuse("QZ-LINK-101", "the public key cannot be read");
  return digest;
}

Micros end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) refuse("QZ-LINK-101", "no end of validity");
  return static_cast<Micros>(timegm(&parts)) * 1'000'000;
}

}  // namespace

Identity identity_of(std::string_view certificate) {
  const unsigned char* octets = octets_of(certificate);
  const Certificate parsed(d2i_X509(nullptr, &octets, static_cast<long>(certificate.size())), X509_free);
  if (parsed == nullptr) refuse("QZ-LINK-101", "no certificate");
  return {agent_of(parsed.get()), key_digest_of(parsed.get()), end_of(parsed.get())};
}

void require_known(const Identity& caller, const Directory& directory, Micros now) {
  const AgentEntry* entry = directory.agent(caller.agent);
  if (entry == nullptr || !entry->enabled) refuse("QZ-LINK-102", caller.agent);
  if (entry->tls_keys.count(caller.tls_key) == 0) refuse("QZ-LINK-103", caller.agent);
  if (caller.not_after <= now) refuse("QZ-LINK-104", caller.agent + ": certificate expired");
}

}  // namespace qianzhi::hub
