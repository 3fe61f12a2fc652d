#include "hub-protocol/ca/authority.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "hub-protocol/base/error.h"
#include "hub-protocol/ca/handles.h"
#include "hub-protocol/ca/request.h"

namespace qianzhi::ca {

namespace {

constexpr Micros second = 1'000'000;
constexpr Micros clock_room = 300 * second;
constexpr Micros root_life = Micros{20} * 365 * day;
constexpr Micros issuing_life = Micros{5} * 365 * day;
constexpr int serial_bits = 127;

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> extension(
      X509V3_EXT_nconf_nid(nullptr, &context, kind, value.c_str()), X509_EXTENSION_free);
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

void set_time(ASN1_TIME* field, Micros time) {
  require(ASN1_TIME_set(field, static_cast<std::time_t>(time / second)) != nullptr, "a time cannot be written");
}

Micros time_of(const ASN1_TIME* field) {
  std::tm parts{};
  require(ASN1_TIME_to_tm(field, &parts) == 1, "a time cannot be read");
  return static_cast<Micros>(timegm(&parts)) * second;
}

void set_serial(X509* certificate) {
  const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> number(BN_new(), BN_free);
  require(number != nullptr && BN_rand(number.get(), serial_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
          "a serial number cannot be made");
}

void add_name(X509_NAME* name, const char* field, const std::string& value) {
  require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, octets_of(value), static_cast<int>(value.size()), -1,
                                     0) == 1,
          "a name cannot be written: " + value);
}

// Subject, key and times; the rest is the caller's.
Certificate begun(const std::string& organisation, const std::string& name, EVP_PKEY* key, Validity validity) {
  Certificate made(X509_new(), &X509_free);
  require(made != nullptr && X509_set_version(made.get(), 2) == 1 && X509_set_pubkey(made.get(), key) == 1,
          "a certificate cannot be begun");
  set_serial(made.get());
  set_time(X509_getm_notBefore(made.get()), validity.not_before);
  set_time(X509_getm_notAfter(made.get()), validity.not_after);
  if (!organisation.empty()) add_name(X509_get_subject_name(made.get()), "O", organisation);
  add_name(X509_get_subject_name(made.get()), "CN", name);
  return made;
}

void finish(X509* certificate, X509* issuer, EVP_PKEY* key) {
  extend(certificate, issuer, NID_subject_key_identifier, "hash");
  if (issuer != certificate) extend(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
              X509_sign(certificate, key, EVP_sha256()) > 0,
          "a certificate cannot be signed");
}

// Takes `name` over.
void exclude(NAME_CONSTRAINTS* limits, int kind, ASN1_STRING* name) {
  GENERAL_SUBTREE* tree = GENERAL_SUBTREE_new();
  require(tree != nullptr && name != nullptr, "a name constraint cannot be made");
  if (limits->excludedSubtrees == nullptr) limits->excludedSubtrees = sk_GENERAL_SUBTREE_new_null();
  GENERAL_NAME_set0_value(tree->base, kind, name);
  require(sk_GENERAL_SUBTREE_push(limits->excludedSubtrees, tree) > 0, "a name constraint cannot be made");
}

ASN1_STRING* octets_in(ASN1_STRING* into, std::size_t zeros) {
  const std::string value(zeros, '\0');
  if (into == nullptr || ASN1_STRING_set(into, value.data(), static_cast<int>(value.size())) != 1) return nullptr;
  return into;
}

// No DNS name and no IP address below this authority: an empty base is all names, address and mask of zeros all
// addresses of that length.
void forbid_servers(X509* certificate) {
  constexpr std::size_t of_v4 = 8;
  constexpr std::size_t of_v6 = 32;
  const std::unique_ptr<NAME_CONSTRAINTS, void (*)(NAME_CONSTRAINTS*)> limits(NAME_CONSTRAINTS_new(),
                                                                              NAME_CONSTRAINTS_free);
  require(limits != nullptr, "a name constraint cannot be made");
  exclude(limits.get(), GEN_DNS, octets_in(ASN1_IA5STRING_new(), 0));
  exclude(limits.get(), GEN_IPADD, octets_in(ASN1_OCTET_STRING_new(), of_v4));
  exclude(limits.get(), GEN_IPADD, octets_in(ASN1_OCTET_STRING_new(), of_v6));
  require(X509_add1_ext_i2d(certificate, NID_name_constraints, limits.get(), 1, 0) == 1,
          "a name constraint cannot be written");
}

Key new_key() {
  Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  require(key != nullptr, "a key cannot be made");
  return key;
}

std::string names_text(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    const bool is_clean = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
             c == ':';
    });
    require(is_clean, "not a host name or IP address: " + name);
    const bool is_address =
        name.find(':') != std::string::npos || name.find_first_not_of("0123456789.") == std::string::npos;
    text += (text.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + name;
  }
  require(!text.empty(), "a hub's certificate needs a host name or an IP address");
  return text;
}

struct Signer {
  Certificate certificate;
  Key key;
};

Signer signer_of(const Pair& pair, const char* what) {
  Signer signer{certificate_from_pem(pair.certificate), key_from_pem(pair.private_key)};
  require(signer.certificate != nullptr, std::string(what) + ": no certificate in PEM");
  require(signer.key != nullptr, std::string(what) + ": no private key in PEM");
  require(X509_check_private_key(signer.certificate.get(), signer.key.get()) == 1,
          std::string(what) + ": the key is not the certificate's");
  require(X509_check_ca(signer.certificate.get()) == 1, std::string(what) + ": this certificate may not sign others");
  return signer;
}

}  // namespace

NewAuthority make_authority(const std::string& organisation, Micros now) {
  const Key key = new_key();
  const Certificate root =
      begun(organisation, "Qianzhi root " + organisation, key.get(), {now - clock_room, now + root_life});
  extend(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:1");
  extend(root.get(), root.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  finish(root.get(), root.get(), key.get());
  const Pair pair{pem_of(root.get()), pem_of(key.get())};
  return {pair, make_issuing(pair, organisation, now)};
}

Pair make_issuing(const Pair& root, const std::string& organisation, Micros now) {
  const Signer signer = signer_of(root, "root");
  X509* above = signer.certificate.get();
  const Key key = new_key();
  const Micros end = std::min(now + issuing_life, time_of(X509_get0_notAfter(above)));
  const Certificate issuing = begun(organisation, "Qianzhi agents " + organisation, key.get(), {now - clock_room, end});
  extend(issuing.get(), above, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  extend(issuing.get(), above, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(issuing.get(), above, NID_ext_key_usage, "clientAuth");
  forbid_servers(issuing.get());
  finish(issuing.get(), above, signer.key.get());
  return {pem_of(issuing.get()), pem_of(key.get())};
}

Pair issue_hub(const Pair& root, const std::vector<std::string>& names, Micros now, Micros validity) {
  const Signer signer = signer_of(root, "root");
  const std::string text = names_text(names);
  const Key key = new_key();
  const Micros end = std::min(now + validity, time_of(X509_get0_notAfter(signer.certificate.get())));
  const Certificate made = begun({}, "Qianzhi hub", key.get(), {now - clock_room, end});
  extend(made.get(), signer.certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  extend(made.get(), signer.certificate.get(), NID_key_usage, "critical,digitalSignature,keyAgreement");
  extend(made.get(), signer.certificate.get(), NID_ext_key_usage, "serverAuth");
  extend(made.get(), signer.certificate.get(), NID_subject_alt_name, text);
  finish(made.get(), signer.certificate.get(), signer.key.get());
  return {pem_of(made.get()) + pem_of(signer.certificate.get()), pem_of(key.get())};
}

struct Authority::State {
  explicit State(const Pair& pair) : signer(signer_of(pair, "ca")) {}
  Signer signer;
};

Authority::Authority(const Pair& issuing) : state_(std::make_shared<const State>(issuing)) {
  not_after_ = time_of(X509_get0_notAfter(state_->signer.certificate.get()));
}

Issued Authority::issue(std::string_view spki, const std::string& agent, Micros now, Micros validity) const {
  const Signer& signer = state_->signer;
  const unsigned char* octets = octets_of(spki);
  const Key key(d2i_PUBKEY(nullptr, &octets, static_cast<long>(spki.size())), &EVP_PKEY_free);
  require(key != nullptr, "the key of a certificate cannot be read");
  Issued issued;
  issued.not_before = now - clock_room;
  issued.not_after = std::min(now + validity, not_after_);
  require(issued.not_after > now, "the authority's own certificate has expired");
  // With a space: a name that could be a host's would fall under the authority's own name constraints.
  const Certificate made = begun({}, "agent " + agent, key.get(), {issued.not_before, issued.not_after});
  extend(made.get(), signer.certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  extend(made.get(), signer.certificate.get(), NID_key_usage, "critical,digitalSignature,keyAgreement");
  extend(made.get(), signer.certificate.get(), NID_ext_key_usage, "clientAuth");
  extend(made.get(), signer.certificate.get(), NID_subject_alt_name, "URI:urn:qianzhi:agent:" + agent);
  finish(made.get(), signer.certificate.get(), signer.key.get());
  const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(made.get()), nullptr), BN_free);
  const std::unique_ptr<char, void (*)(char*)> hex(BN_bn2hex(number.get()), [](char* text) { OPENSSL_free(text); });
  require(hex != nullptr, "a serial number cannot be written");
  issued.serial = hex.get();
  issued.chain = pem_of(made.get()) + pem_of(signer.certificate.get());
  return issued;
}

namespace {

void add_revocation(X509_CRL* list, const Revocation& revocation) {
  BIGNUM* raw = nullptr;
  require(BN_hex2bn(&raw, revocation.serial.c_str()) > 0, "not a serial number");
  const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> number(raw, BN_free);
  const std::unique_ptr<ASN1_INTEGER, void (*)(ASN1_INTEGER*)> serial(BN_to_ASN1_INTEGER(number.get(), nullptr),
                                                                      ASN1_INTEGER_free);
  const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> time(
      ASN1_TIME_set(nullptr, static_cast<std::time_t>(revocation.time / second)), ASN1_TIME_free);
  std::unique_ptr<X509_REVOKED, void (*)(X509_REVOKED*)> entry(X509_REVOKED_new(), X509_REVOKED_free);
  require(entry != nullptr && X509_REVOKED_set_serialNumber(entry.get(), serial.get()) == 1 &&
              X509_REVOKED_set_revocationDate(entry.get(), time.get()) == 1,
          "a revocation cannot be written");
  if (revocation.reason != Reason::unspecified) {
    const std::unique_ptr<ASN1_ENUMERATED, void (*)(ASN1_ENUMERATED*)> reason(ASN1_ENUMERATED_new(),
                                                                              ASN1_ENUMERATED_free);
    require(reason != nullptr && ASN1_ENUMERATED_set(reason.get(), static_cast<long>(revocation.reason)) == 1 &&
                X509_REVOKED_add1_ext_i2d(entry.get(), NID_crl_reason, reason.get(), 0, 0) == 1,
            "a revocation cannot be written");
  }
  require(X509_CRL_add0_revoked(list, entry.get()) == 1, "a revocation cannot be written");
  static_cast<void>(entry.release());
}

}  // namespace

std::string Authority::revocations(const std::vector<Revocation>& revoked, std::uint64_t number, Micros now,
                                   Micros next_update) const {
  const Signer& signer = state_->signer;
  const std::unique_ptr<X509_CRL, void (*)(X509_CRL*)> list(X509_CRL_new(), X509_CRL_free);
  const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> time(ASN1_TIME_new(), ASN1_TIME_free);
  const std::unique_ptr<ASN1_INTEGER, void (*)(ASN1_INTEGER*)> count(ASN1_INTEGER_new(), ASN1_INTEGER_free);
  require(list != nullptr && time != nullptr && count != nullptr && X509_CRL_set_version(list.get(), 1) == 1 &&
              X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(signer.certificate.get())) == 1 &&
              ASN1_INTEGER_set_uint64(count.get(), number) == 1,
          "a revocation list cannot be begun");
  // A clock that is behind must not find the list to be of the future.
  set_time(time.get(), now - clock_room);
  require(X509_CRL_set1_lastUpdate(list.get(), time.get()) == 1, "a revocation list cannot be dated");
  set_time(time.get(), next_update);
  require(X509_CRL_set1_nextUpdate(list.get(), time.get()) == 1, "a revocation list cannot be dated");
  for (const Revocation& revocation : revoked) add_revocation(list.get(), revocation);
  X509_CRL_sort(list.get());
  require(X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, count.get(), 0, 0) == 1 &&
              X509_CRL_sign(list.get(), signer.key.get(), EVP_sha256()) > 0,
          "a revocation list cannot be signed");
  const Memory out = writing();
  require(PEM_write_bio_X509_CRL(out.get(), list.get()) == 1, "a revocation list cannot be written");
  return text_of(out);
}

std::vector<Bytes> certificates_of(std::string_view pem) {
  std::vector<Bytes> all;
  const Memory input = reading(pem);
  for (;;) {
    const Certificate next(PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr), &X509_free);
    if (next == nullptr) break;  // the library has left a word about the end
    unsigned char* der = nullptr;
    const int size = i2d_X509(next.get(), &der);
    require(size > 0, "a certificate cannot be encoded");
    all.emplace_back(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
  }
  require(!all.empty(), "no certificate in PEM");
  return all;
}

std::string certificate_to_pem(std::string_view certificate) {
  const unsigned char* octets = octets_of(certificate);
  const Certificate parsed(d2i_X509(nullptr, &octets, static_cast<long>(certificate.size())), &X509_free);
  require(parsed != nullptr, "no certificate");
  return pem_of(parsed.get());
}

bool is_pair(std::string_view pem) {
  const Certificate certificate = certificate_from_pem(pem);
  const Key key = key_from_pem(pem);
  const bool good =
      certificate != nullptr && key != nullptr && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return good;
}

Validity validity_of(std::string_view pem) {
  const Certificate certificate = certificate_from_pem(pem);
  require(certificate != nullptr, "no certificate in PEM");
  return {time_of(X509_get0_notBefore(certificate.get())), time_of(X509_get0_notAfter(certificate.get()))};
}

}  // namespace qianzhi::ca
