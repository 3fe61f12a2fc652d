// The site for people on other machines: TLS 1.3, sign-in with name and password, and the Host header must be an
// address or one of the names given. The limits are those of web::Listener, with small bodies.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "agent/status/site.h"

namespace qianzhi::status {

struct TlsPageOptions {
  std::string host;  // IP address
  std::uint16_t port = 0;
  std::filesystem::path certificate;
  std::filesystem::path private_key;
};

class TlsPage {
 public:
  // parts: with entrance, door and hosts; what they call is called by several threads. clock must outlive it. Throws
  // Error as web::Listener does.
  TlsPage(const TlsPageOptions& options, SiteParts parts, const Clock& clock);
  ~TlsPage();
  std::uint16_t port() const;
  // See web::Listener.
  void reload();
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::status
