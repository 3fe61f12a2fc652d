// TLS 1.3 with certificates on both sides: the settings both ends share, read from files once.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;

namespace qianzhi {

// PEM files.
struct TlsFiles {
  std::filesystem::path certificate;  // own certificate, then intermediates
  std::filesystem::path private_key;
  std::filesystem::path trust;  // the exchange's CA; nothing else is trusted
  std::filesystem::path crl;    // server only; empty: none. With it an expired list refuses everybody.
  // Server only: a list by the exchange's own authority. Certificates by others need no list because of it.
  std::filesystem::path own_crl = {};
};

enum class TlsRole {
  client,
  server,
  open_server,  // as server, but a client may come without a certificate: whoever serves it must look
};

// Immutable; safe to share between threads. Connections that were opened under it keep it alive.
// Both ends: TLS 1.3 only, AES-GCM suites, no tickets, no session cache, the other side's certificate required.
class TlsContext {
 public:
  // Throws Error(misuse, QZ-LINK-009) naming the file that cannot be read or does not fit the others.
  TlsContext(const TlsFiles& files, TlsRole role);
  // A client without a certificate that trusts exactly one CA: the one among those the server shows whose certificate
  // (DER) has this SHA-256, of which at least 16 octets are given.
  explicit TlsContext(std::string_view ca_digest);

  TlsRole role() const { return role_; }
  ssl_ctx_st* native() const { return native_.get(); }

 private:
  TlsRole role_;
  std::shared_ptr<const std::string> pin_;  // before native_: it is read by that
  std::shared_ptr<ssl_ctx_st> native_;
};

}  // namespace qianzhi
