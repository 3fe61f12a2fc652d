#include "hub-protocol/client/tls_context.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>

#include "hub-protocol/base/error.h"

namespace qianzhi {

namespace {

[[noreturn]] void unusable(const char* what, const std::filesystem::path& file) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string detail = std::string(what) + " " + file.string() + ": " + (reason != nullptr ? reason : "unreadable");
  ERR_clear_error();
  throw Error(ErrorKind::misuse, "QZ-LINK-009", detail);
}

void load_own_certificate(SSL_CTX* context, const TlsFiles& files) {
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    unusable("certificate", files.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.private_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    unusable("private key", files.private_key);
  }
  if (SSL_CTX_check_private_key(context) != 1) unusable("private key", files.private_key);
}

void load_revocations(SSL_CTX* context, const std::filesystem::path& crl) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  if (lookup == nullptr || X509_load_crl_file(lookup, crl.c_str(), X509_FILETYPE_PEM) < 1) {
    unusable("revocation list", crl);
  }
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
}

// Another authority's certificates, of which nobody gave us a list, are judged by the directory alone, as without one.
int pass_without_list(int good, X509_STORE_CTX* check) {
  if (good != 1 && X509_STORE_CTX_get_error(check) == X509_V_ERR_UNABLE_TO_GET_CRL) {
    X509_STORE_CTX_set_error(check, X509_V_OK);
    return 1;
  }
  return good;
}

// The one certificate of those shown that was pinned becomes the only root; names, purpose and times are then checked
// as always.
int verify_by_pin(X509_STORE_CTX* check, void* argument) {
  const auto* pin = static_cast<const std::string*>(argument);
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> root(
      sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
  STACK_OF(X509)* shown = X509_STORE_CTX_get0_untrusted(check);
  for (int i = 0; i < sk_X509_num(shown); ++i) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    X509* certificate = sk_X509_value(shown, i);
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1 && pin->size() <= size &&
        CRYPTO_memcmp(digest.data(), pin->data(), pin->size()) == 0 && root != nullptr)
      sk_X509_push(root.get(), certificate);
  }
  if (root == nullptr || sk_X509_num(root.get()) < 1) {
    X509_STORE_CTX_set_error(check, X509_V_ERR_CERT_UNTRUSTED);
    return 0;
  }
  X509_STORE_CTX_set0_trusted_stack(check, root.get());
  return X509_verify_cert(check);
}

void settle(SSL_CTX* context, const std::filesystem::path& subject) {
  const bool settled = context != nullptr && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                       SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
                       SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256") == 1 &&
                       SSL_CTX_set_num_tickets(context, 0) == 1;
  if (!settled) unusable("TLS settings for", subject);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify_depth(context, 4);
  // A thousand parked connections must not hold a thousand pairs of record buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

// SSL_VERIFY_PEER alone lets a client without a certificate in.
void require_clients(SSL_CTX* context, const TlsFiles& files, TlsRole role) {
  const int missing = role == TlsRole::open_server ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | missing, nullptr);
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(files.trust.c_str());
  if (names == nullptr) unusable("trust", files.trust);
  SSL_CTX_set_client_CA_list(context, names);
  if (!files.crl.empty()) load_revocations(context, files.crl);
  if (files.own_crl.empty()) return;
  load_revocations(context, files.own_crl);
  // Of the store, so that it also holds when open connections are judged anew.
  if (files.crl.empty()) X509_STORE_set_verify_cb(SSL_CTX_get_cert_store(context), pass_without_list);
}

}  // namespace

TlsContext::TlsContext(const TlsFiles& files, TlsRole role)
    : role_(role),
      native_(SSL_CTX_new(role == TlsRole::client ? TLS_client_method() : TLS_server_method()), SSL_CTX_free) {
  ERR_clear_error();
  SSL_CTX* context = native_.get();
  settle(context, files.certificate);
  load_own_certificate(context, files);
  if (SSL_CTX_load_verify_file(context, files.trust.c_str()) != 1) unusable("trust", files.trust);
  if (role == TlsRole::client) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  } else {
    require_clients(context, files, role);
  }
}

TlsContext::TlsContext(std::string_view ca_digest)
    : role_(TlsRole::client),
      pin_(std::make_shared<const std::string>(ca_digest)),
      native_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
  constexpr std::size_t least_pin = 16;
  QZ_ASSERT(pin_->size() >= least_pin);
  ERR_clear_error();
  settle(native_.get(), "enrolment");
  SSL_CTX_set_verify(native_.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(native_.get(), verify_by_pin, const_cast<std::string*>(pin_.get()));
}

}  // namespace qianzhi
