// TLS 1.3 with certificates on both sides: the settings both ends share, read from files once.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace qianzhi {

// PEM files.
struct TlsFiles {
  std::filesystem::path certificate;  // own certificate, then intermediates
  std::filesystem::path private_key;
  std::filesystem::path trust;  // the exchange's CA; nothing else is trusted
  std::filesystem::path crl;    // server only; empty: none. With it an expired list refuses everybody.
};

enum class TlsRole { client, server };

// Immutable; safe to share between threads. Connections that were opened under it keep it alive.
// Both ends: TLS 1.3 only, AES-GCM suites, no tickets, no session cache, the other side's certificate required.
class TlsContext {
 public:
  // Throws Error(misuse, QZ-LINK-009) naming the file that cannot be read or does not fit the others.
  TlsContext(const TlsFiles& files, TlsRole role);

  TlsRole role() const { return role_; }
  ssl_ctx_st* native() const { return native_.get(); }

 private:
  TlsRole role_;
  std::shared_ptr<ssl_ctx_st> native_;
};

}  // namespace qianzhi
