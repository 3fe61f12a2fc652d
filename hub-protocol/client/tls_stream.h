// One TLS connection with a deadline on every step, however slowly the other side drips.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/client/tls_context.h"

struct ssl_st;

namespace qianzhi {

enum class TlsResult {
  ok,
  closed,       // the other side ended the connection, orderly or not
  timed_out,    // the deadline passed
  alert,        // the other side refused us with a TLS alert: see alert()
  certificate,  // we refused the other side's certificate
  failed,       // not TLS, another version, damaged records
};

// Belongs to one thread. After any result but ok only reason() and the destructor are of use.
// Deadlines are instants of Clock::steady().
class TlsStream {
 public:
  // fd: a connected socket, made non-blocking here; it is not owned and must outlive this object.
  // host: whose certificate a client expects (a DNS name or an IP address); unused by a server.
  TlsStream(std::shared_ptr<const TlsContext> context, int fd, const Clock& clock, const std::string& host = {});
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  TlsResult handshake(Micros deadline);
  // At least one octet into [into, into + room) when ok.
  TlsResult read(char* into, std::size_t room, std::size_t& got, Micros deadline);
  // All of it when ok.
  TlsResult write(std::string_view octets, Micros deadline);
  // The other side has closed its half, or sent what nobody asked for when nothing_expected is set.
  bool hung_up(bool nothing_expected) const;
  // Ends an answer so that it arrives even if the other side is still sending: no more is sent, and what comes is
  // thrown away until the other side closes, `limit` octets came, or the deadline passed.
  void drain(std::size_t limit, Micros deadline);

  // After a failure: what happened, for people. Holds nothing secret.
  const std::string& reason() const { return reason_; }
  // Number of the TLS alert received (RFC 8446 section 6); -1: none.
  int alert() const { return alert_; }

  // The other side's certificate, DER; empty if there is none.
  Bytes peer_certificate() const;
  // Of the CA at the end of the chain that was verified, DER; empty before the handshake.
  Bytes anchor() const;
  // Whether the other side's certificate is good under another (newer) context: empty, or the reason why not.
  std::string refused_under(const TlsContext& context) const;

 private:
  TlsResult settle(int returned, Micros deadline);
  TlsResult judge(int error);
  bool wait_for(short events, Micros deadline);

  std::shared_ptr<const TlsContext> context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  int fd_;
  const Clock& clock_;
  std::string reason_;
  int alert_ = -1;
};

}  // namespace qianzhi
