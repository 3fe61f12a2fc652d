// From a hub's address to a connected TCP socket, with a deadline, and with a way to end it from another thread.
#pragma once

#include <mutex>
#include <string>

#include "hub-protocol/base/clock.h"

namespace qianzhi {

struct HubAddress {
  std::string host;  // DNS name or IP address, an IPv6 one without brackets
  std::string port;
  std::string authority;  // as in the URL
};

// "https://host:port"; the port may be missing (443), a last "/" is allowed. Throws Error(misuse, QZ-LINK-012).
HubAddress parse_hub_url(const std::string& url);

// Owns at most one socket. interrupt() may come from any thread, everything else belongs to one.
class Dialer {
 public:
  explicit Dialer(const Clock& clock) : clock_(clock) {}
  ~Dialer() { hang_up(); }
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  // Tries every address of the host. The socket stays ours until hang_up(). Throws Error(unavailable): QZ-LINK-001
  // for the name, QZ-LINK-002 for the connection, QZ-LINK-008 after interrupt().
  int dial(const HubAddress& address, Micros deadline);
  void hang_up();

  // Ends what happens on the socket now, and every later dial().
  void interrupt();
  bool interrupted() const;

 private:
  bool adopt(int fd);

  const Clock& clock_;
  mutable std::mutex mutex_;
  int fd_ = -1;
  bool interrupted_ = false;
};

}  // namespace qianzhi
