#include "hub-protocol/client/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

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

// SSL_VERIFY_PEER alone lets a client without a certificate in.
void require_clients(SSL_CTX* context, const TlsFiles& files) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(files.trust.c_str());
  if (names == nullptr) unusable("trust", files.trust);
  SSL_CTX_set_client_CA_list(context, names);
  if (!files.crl.empty()) load_revocations(context, files.crl);
}

}  // namespace

TlsContext::TlsContext(const TlsFiles& files, TlsRole role)
    : role_(role),
      native_(SSL_CTX_new(role == TlsRole::server ? TLS_server_method() : TLS_client_method()), SSL_CTX_free) {
  ERR_clear_error();
  SSL_CTX* context = native_.get();
  const bool settled = context != nullptr && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                       SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
                       SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256") == 1 &&
                       SSL_CTX_set_num_tickets(context, 0) == 1;
  if (!settled) unusable("TLS settings for", files.certificate);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify_depth(context, 4);
  // A thousand parked connections must not hold a thousand pairs of record buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  load_own_certificate(context, files);
  if (SSL_CTX_load_verify_file(context, files.trust.c_str()) != 1) unusable("trust", files.trust);
  if (role == TlsRole::server) {
    require_clients(context, files);
  } else {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
}

}  // namespace qianzhi
