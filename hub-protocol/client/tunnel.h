// A way to the hub through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6). The proxy is trusted with nothing: TLS, and
// with it who the hub is, begins behind it.
#pragma once

#include <string>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/client/dial.h"

namespace qianzhi {

struct ProxyLogin {
  std::string user;      // empty: none is told
  std::string password;  // secret
};

// Asks the proxy at the other end of this connected, non-blocking socket for a tunnel to the hub. After it the next
// octet is the hub's. Throws Error(unavailable, QZ-LINK-013) if no proper answer came by the deadline (an instant of
// clock.steady()), and Error(misuse, QZ-LINK-014) if the proxy refuses.
void open_tunnel(int fd, const Clock& clock, const HubAddress& hub, const ProxyLogin& login, Micros deadline);

// "http://host:port", otherwise as parse_hub_url(); without a port 3128. Throws Error(misuse, QZ-LINK-015).
HubAddress parse_proxy_url(const std::string& url);

}  // namespace qianzhi
