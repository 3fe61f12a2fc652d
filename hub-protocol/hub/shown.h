// What a caller shows of its past at a session or fetch, from which the hub notices that it was restored (R6.5).
#pragma once

#include <string_view>
#include <vector>

#include "hub-protocol/model/stream.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi::hub {

// Points into the request. Only signed things prove anything: receipts and the signed root.
struct Shown {
  std::vector<const wire::Receipt*> receipts;
  std::vector<Incarnation> incarnations;
  std::uint64_t directory_version = 0;
  Digest directory_digest;
  std::string_view signed_root;
};

// Throw Error(rejected, QZ-HUB-011) beyond the limits.
Shown shown_by(const wire::SessionRequest& request);
Shown shown_by(const wire::FetchRequest& request);

}  // namespace qianzhi::hub
