// A notice as an HTTP POST of JSON. Headers: Idempotency-Key is the notice's token; Qianzhi-Signature, if there is a
// key, "t=SECONDS,v1=HEX", HMAC-SHA256 over "SECONDS.BODY". 2xx: sent. 408, 425, 429, 5xx and whatever goes wrong on
// the way: later; it ends after three times `timeout`, all in all, once there is a connection. Everything else,
// redirects too: refused. No proxy, no cookie, nothing of the answer is kept.
#pragma once

#include <string>
#include <string_view>

#include "agent/desk/outlets/outlet.h"

namespace qianzhi::desk {

class WebhookOutlet final : public Outlet {
 public:
  WebhookOutlet(WebhookConfig config, Micros timeout, const Clock& clock);
  bool is_repeatable() const override { return config_.idempotent; }
  Delivery send(const Notice& notice) override;

 private:
  WebhookConfig config_;
  Micros timeout_;
  const Clock& clock_;
};

// False for addresses that no webhook is meant for: link-local ones (cloud machines keep their secrets there),
// multicast, broadcast and unspecified; also as IPv4 within IPv6. address: without brackets; false for what is none.
bool may_reach(std::string_view address);

std::string hmac_sha256_hex(std::string_view key, std::string_view text);

}  // namespace qianzhi::desk
