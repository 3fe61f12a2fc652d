// The way to the hub, step by step, for people who look for what is wrong with it. It asks for the directory's root and
// changes nothing, here or at the hub.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/client/https_link.h"

namespace qianzhi {

enum class ProbeStep { name, connection, handshake, answer };

struct ProbeResult {
  Bytes hub_certificate;            // DER; empty: the handshake did not get there
  Bytes signed_root;                // of the hub's directory; empty: no answer
  std::optional<Micros> hub_ahead;  // the hub's clock against ours, to a second; nothing: it did not tell
};

// Calls `done` after each step that went well, with what was seen; the first that does not throws as HttpsLink does.
// Through a proxy name and connection are the proxy's.
ProbeResult probe(const HttpsLinkOptions& options, const Clock& clock,
                  const std::function<void(ProbeStep step, const std::string& seen)>& done);

// "Sun, 06 Nov 1994 08:49:37 GMT" of an HTTP head (RFC 9110 section 5.6.7); nothing if there is none or it is another.
std::optional<Micros> date_in(const std::string& head);

}  // namespace qianzhi
