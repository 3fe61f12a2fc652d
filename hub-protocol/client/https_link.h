// HubLink over HTTPS: TLS 1.3, mutual authentication, kept-alive connection, bodies written in one piece.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/client/tunnel.h"

namespace qianzhi {

struct HttpsLinkOptions {
  std::string url;                    // https://host:port
  std::filesystem::path certificate;  // PEM; own certificate, then intermediates
  std::filesystem::path private_key;  // PEM
  std::filesystem::path trust;        // PEM; the exchange's CA, nothing else is trusted
  std::string proxy = {};             // http://host:port; empty: none
  ProxyLogin proxy_login = {};
  int connect_timeout_ms = 5000;
  int reply_timeout_ms = 20000;  // beyond a long poll's own wait
  std::size_t reply_limit = 32U << 20U;
  // Instead of the three files, for enrol(): SHA-256 of the one CA certificate that is trusted, at least 16 octets of
  // it.
  std::string ca_digest = {};
};

// The certificate files are read again at each new connection, and a connection ends when its certificate's file was
// replaced, so that renewal needs no restart (pitfall 39).
class HttpsLink final : public HubLink {
 public:
  explicit HttpsLink(HttpsLinkOptions options);
  ~HttpsLink() override;

  wire::SessionReply session(const wire::SessionRequest& request) override;
  wire::PostReply post(const wire::PostRequest& request) override;
  wire::FetchReply fetch(const wire::FetchRequest& request) override;
  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override;
  wire::AppliedReply applied(const wire::AppliedRequest& request) override;
  wire::MattersReply matters(const wire::MattersRequest& request) override;
  wire::ParcelsReply parcels(const wire::ParcelsRequest& request) override;

  wire::RenewReply renew(const wire::RenewRequest& request) override;
  // For whoever has no certificate yet.
  wire::EnrolReply enrol(const wire::EnrolRequest& request);
  // The CA that the hub's certificate came from, DER; empty before the first one was verified.
  std::string anchor() const;

  // A name lookup under way is waited for.
  void interrupt() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi
