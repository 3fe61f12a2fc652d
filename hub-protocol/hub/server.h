// The hub's one HTTPS listener: TLS 1.3, client certificates, POST only, six paths; and
// a seventh, /v1/enrol, for callers without a certificate while somebody holds a token. POCO accepts and runs the
// threads (one a connection); the guard, the deadlines and the reading of requests are ours (pitfalls 40 to 42).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/client/tls_context.h"
#include "hub-protocol/hub/guard.h"
#include "hub-protocol/hub/handlers.h"

namespace qianzhi::hub {

// Times in milliseconds. Request and reply may take octets / octets_a_second longer than theirs.
struct ServerLimits {
  GuardLimits guard;
  int handshake_ms = 5'000;
  int head_ms = 10'000;  // from a request's first octet to the end of its head
  int body_ms = 10'000;
  int reply_ms = 10'000;
  int idle_ms = 60'000;     // between two requests of a connection
  int farewell_ms = 1'000;  // for a refused caller to take in why
  int longest_wait_ms = 30'000;
  int parked_check_ms = 2'000;  // how often a parked poll looks whether its caller is still there and still welcome
  std::uint64_t octets_a_second = 64U << 10U;
  std::uint64_t body_limit = 16U << 20U;
  int requests_a_connection = 10'000;
  // Of callers without a certificate, who may enrol: one request, and little time for it.
  int stranger_ms = 3'000;  // for the head, and again for the body
  std::uint64_t stranger_body_limit = 16U << 10U;
};

struct ServerOptions {
  std::string host = "127.0.0.1";  // IP address to listen on
  std::uint16_t port = 0;          // 0: any free one
  TlsFiles files;
  ServerLimits limits;
};

// address, then why a connection or request was refused: a code and a sentence. Must not block.
using Audit = std::function<void(const std::string& address, const Error& reason)>;

// Every request checks its caller against the directory and the newest certificates and revocations again.
class HubServer {
 public:
  // Listens when it returns. on_fatal: a handler threw Error(corrupt); the process must stop (called at most once per
  // request, from a connection's thread). audit: empty logs. clock must outlive the server.
  // Throws Error(misuse): QZ-LINK-009 files, QZ-LINK-112 address.
  HubServer(const ServerOptions& options, Handlers handlers, std::function<void(const Error&)> on_fatal,
            const Clock& clock, Audit audit = {});
  ~HubServer();
  HubServer(const HubServer&) = delete;
  HubServer& operator=(const HubServer&) = delete;

  std::uint16_t port() const;
  // Reads the certificate files again. New connections use them at once, open ones are judged by the new trust and
  // revocations at their next request. Throws Error(misuse, QZ-LINK-009) and keeps what was in force.
  void reload();
  // Ends all connections and waits for their threads. Safe to call twice.
  void stop();
  // Open connections, for status and tests.
  std::size_t connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::hub
