#include "hub-protocol/envelope/party.h"

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "hub-protocol/base/error.h"
#include "hub-protocol/envelope/der_form.h"

namespace qianzhi {

namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Cms = std::unique_ptr<CMS_ContentInfo, Freed<CMS_ContentInfo_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using TrustStore = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using Verification = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;

void free_chain(STACK_OF(X509) * chain) { sk_X509_pop_free(chain, X509_free); }
using Chain = std::unique_ptr<STACK_OF(X509), Freed<free_chain>>;

// Far above what two certificate chains and four receivers take.
constexpr std::size_t most_elements = 2000;
constexpr std::size_t deepest = 24;
constexpr int most_receivers = 4;
constexpr int least_rsa_bits = 2048;

[[noreturn]] void unusable(const char* what, const std::filesystem::path& file) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  const std::string detail =
      std::string(what) + " " + file.string() + ": " + (reason != nullptr ? reason : "unreadable");
  ERR_clear_error();
  throw Error(ErrorKind::misuse, "QZ-LINK-009", detail);
}

[[noreturn]] void refuse(const char* code, std::string_view detail) {
  ERR_clear_error();
  throw Error(ErrorKind::rejected, code, detail);
}

Bio file_bio(const char* what, const std::filesystem::path& file) {
  ERR_clear_error();
  Bio bio(BIO_new_file(file.c_str(), "r"));
  if (bio == nullptr) unusable(what, file);
  return bio;
}

Bio reading(std::string_view octets) { return Bio(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size()))); }

Bytes taken(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Bytes der_of(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  Bytes octets(reinterpret_cast<char*>(der), static_cast<std::size_t>(size > 0 ? size : 0));
  OPENSSL_free(der);
  return octets;
}

Bytes der_of(CMS_ContentInfo* message) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (i2d_CMS_bio(bio.get(), message) != 1) throw Error(ErrorKind::misuse, "QZ-LINK-018", "the envelope");
  return taken(bio.get());
}

Certificate certificate_from(std::string_view der) {
  const unsigned char* octets = octets_of(der);
  return Certificate(d2i_X509(nullptr, &octets, static_cast<long>(der.size())));
}

bool can_pass_files(const EVP_PKEY* key) {
  const int kind = key == nullptr ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key);
  return kind == EVP_PKEY_EC || (kind == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= least_rsa_bits);
}

std::vector<Certificate> read_certificates(const std::filesystem::path& file) {
  const Bio bio = file_bio("certificate", file);
  std::vector<Certificate> all;
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) all.emplace_back(next);
  if (all.empty()) unusable("certificate", file);
  ERR_clear_error();  // of the end of the file
  return all;
}

TrustStore read_trust(const PartyFiles& files) {
  ERR_clear_error();
  TrustStore store(X509_STORE_new());
  if (X509_STORE_load_file(store.get(), files.trust.c_str()) != 1) unusable("trust", files.trust);
  if (files.crl.empty()) return store;
  X509_LOOKUP* lookup = X509_STORE_add_lookup(store.get(), X509_LOOKUP_file());
  if (lookup == nullptr || X509_load_crl_file(lookup, files.crl.c_str(), X509_FILETYPE_PEM) < 1)
    unusable("revocation list", files.crl);
  X509_STORE_set_flags(store.get(), X509_V_FLAG_CRL_CHECK);
  return store;
}

// OpenSSL's own choice is SHA-1 with ECDH and PKCS #1 v1.5 with RSA.
bool choose_key_transport(CMS_RecipientInfo* receiver, const EVP_PKEY* key) {
  EVP_PKEY_CTX* context = CMS_RecipientInfo_get0_pkey_ctx(receiver);
  if (context == nullptr) return false;
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) return EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) > 0;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0;
}

Cms message_from(std::string_view der, int type) {
  if (!is_small_der(der, most_elements, deepest)) refuse("QZ-LINK-121", "the form of the envelope");
  const unsigned char* octets = octets_of(der);
  Cms message(d2i_CMS_ContentInfo(nullptr, &octets, static_cast<long>(der.size())));
  // Anything but an authenticated encryption would let who changes a file learn from what becomes of it.
  if (message == nullptr || OBJ_obj2nid(CMS_get0_type(message.get())) != type)
    refuse("QZ-LINK-121", "the kind of the envelope");
  return message;
}

bool is_strong(const X509_ALGOR* digest) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, digest);
  const int kind = OBJ_obj2nid(object);
  return kind == NID_sha256 || kind == NID_sha384 || kind == NID_sha512;
}

// The one signer's certificate, among those that came with the message.
X509* signer_of(CMS_ContentInfo* message) {
  STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(message);
  if (sk_CMS_SignerInfo_num(signers) != 1 || CMS_set1_signers_certs(message, nullptr, 0) != 1)
    refuse("QZ-LINK-123", "exactly one signer with its certificate is needed");
  CMS_SignerInfo* info = sk_CMS_SignerInfo_value(signers, 0);
  X509* signer = nullptr;
  X509_ALGOR* digest = nullptr;
  CMS_SignerInfo_get0_algs(info, nullptr, &signer, &digest, nullptr);
  // Without signed attributes those of another message could be passed off as content.
  if (signer == nullptr || CMS_signed_get_attr_count(info) < 1 || !is_strong(digest))
    refuse("QZ-LINK-123", "the form of the signature");
  return signer;
}

}  // namespace

struct Party::State {
  PartyRole role = PartyRole::agent;
  std::vector<Certificate> chain;  // own first
  Key key;
  TrustStore trust;
  Bytes own;

  std::string fault_of(X509* certificate, STACK_OF(X509) * others, Micros now) const {
    ERR_clear_error();
    const Verification context(X509_STORE_CTX_new());
    if (context == nullptr || X509_STORE_CTX_init(context.get(), trust.get(), certificate, others) != 1)
      return "it cannot be checked";
    X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_depth(rules, 4);
    X509_VERIFY_PARAM_set_time(rules, static_cast<std::time_t>(now / 1'000'000));
    X509_STORE_CTX_set_default(context.get(), role == PartyRole::hub ? "ssl_client" : "ssl_server");
    const bool good = X509_verify_cert(context.get()) == 1;
    const int fault = X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    if (good && fault == X509_V_OK) return {};
    return X509_verify_cert_error_string(fault);
  }
};

Party::Party(const PartyFiles& files, PartyRole role) {
  auto state = std::make_shared<State>();
  state->role = role;
  state->chain = read_certificates(files.certificate);
  state->own = der_of(state->chain.front().get());
  const Bio bio = file_bio("private key", files.private_key);
  state->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (state->key == nullptr) unusable("private key", files.private_key);
  if (X509_check_private_key(state->chain.front().get(), state->key.get()) != 1)
    unusable("private key", files.private_key);
  if (!can_pass_files(state->key.get())) throw Error(ErrorKind::misuse, "QZ-LINK-017", files.private_key.string());
  state->trust = read_trust(files);
  state_ = std::move(state);
}

const Bytes& Party::certificate() const { return state_->own; }

Bytes Party::seal(std::string_view content, const std::vector<Bytes>& receivers) const {
  ERR_clear_error();
  const auto fail = [](std::string_view what) { throw Error(ErrorKind::misuse, "QZ-LINK-018", what); };
  STACK_OF(X509)* others = sk_X509_new_null();
  for (std::size_t i = 1; i < state_->chain.size(); ++i) sk_X509_push(others, state_->chain[i].get());
  const Cms inner(CMS_sign(state_->chain.front().get(), state_->key.get(), others, reading(content).get(),
                           CMS_BINARY | CMS_NOSMIMECAP));
  sk_X509_free(others);
  if (inner == nullptr) fail("it cannot be signed");
  const Bytes signed_octets = der_of(inner.get());
  const Cms outer(CMS_encrypt(nullptr, nullptr, EVP_aes_256_gcm(), CMS_BINARY | CMS_PARTIAL));
  if (outer == nullptr || receivers.empty()) fail("nobody can receive it");
  for (const Bytes& der : receivers) {
    const Certificate certificate = certificate_from(der);
    const EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate.get());
    if (!can_pass_files(key)) fail("the receiver's key is neither EC nor RSA");
    CMS_RecipientInfo* receiver = CMS_add1_recipient_cert(outer.get(), certificate.get(), CMS_KEY_PARAM);
    if (receiver == nullptr || !choose_key_transport(receiver, key)) fail("the receiver's key cannot be used");
  }
  if (CMS_final(outer.get(), reading(signed_octets).get(), nullptr, CMS_BINARY) != 1) fail("it cannot be encrypted");
  return der_of(outer.get());
}

Opened Party::open(std::string_view envelope, Micros now) const {
  ERR_clear_error();
  const Cms outer = message_from(envelope, NID_id_smime_ct_authEnvelopedData);
  if (sk_CMS_RecipientInfo_num(CMS_get0_RecipientInfos(outer.get())) > most_receivers)
    refuse("QZ-LINK-121", "too many receivers");
  const Bio plain(BIO_new(BIO_s_mem()));
  // By key and not by certificate, which may have been renewed meanwhile.
  if (CMS_decrypt(outer.get(), state_->key.get(), nullptr, nullptr, plain.get(), CMS_BINARY) != 1)
    refuse("QZ-LINK-122", "not for this key, or damaged");
  char* data = nullptr;
  const long size = BIO_get_mem_data(plain.get(), &data);
  const Cms inner = message_from({data, static_cast<std::size_t>(size)}, NID_pkcs7_signed);
  X509* signer = signer_of(inner.get());
  const Chain others(CMS_get1_certs(inner.get()));
  const std::string fault = state_->fault_of(signer, others.get(), now);
  if (!fault.empty()) refuse("QZ-LINK-123", "the signer's certificate: " + fault);
  const Bio content(BIO_new(BIO_s_mem()));
  if (OBJ_obj2nid(CMS_get0_eContentType(inner.get())) != NID_pkcs7_data ||
      CMS_verify(inner.get(), nullptr, nullptr, nullptr, content.get(), CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) != 1)
    refuse("QZ-LINK-123", "the signature does not hold");
  return {taken(content.get()), der_of(signer)};
}

std::string Party::fault_of(std::string_view certificate, Micros now) const {
  const Certificate parsed = certificate_from(certificate);
  if (parsed == nullptr) return "it is no certificate";
  if (!can_pass_files(X509_get0_pubkey(parsed.get()))) return "its key is neither EC nor RSA";
  return state_->fault_of(parsed.get(), nullptr, now);
}

Digest public_key_of(std::string_view certificate) {
  const Certificate parsed = certificate_from(certificate);
  Digest digest;
  unsigned int length = Digest::size;
  unsigned char* der = nullptr;
  const int size = parsed == nullptr ? 0 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(parsed.get()), &der);
  const bool done = size > 0 && EVP_Digest(der, static_cast<std::size_t>(size), digest.octets.data(), &length,
                                           EVP_sha256(), nullptr) == 1;
  OPENSSL_free(der);
  if (!done) refuse("QZ-LINK-123", "the public key cannot be read");
  return digest;
}

std::vector<Bytes> certificates_of(const std::filesystem::path& file) {
  std::vector<Bytes> all;
  for (const Certificate& certificate : read_certificates(file)) all.push_back(der_of(certificate.get()));
  if (all.size() > most_receivers)
    throw Error(ErrorKind::misuse, "QZ-LINK-009", file.string() + ": more than four certificates");
  return all;
}

}  // namespace qianzhi
