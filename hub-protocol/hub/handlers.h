// What the HTTPS server asks of whoever answers the calls of agents: the shipped Exchange, or a test.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/wire/directory.pb.h"
#include "hub-protocol/wire/enrol.pb.h"
#include "hub-protocol/wire/exchange.pb.h"
#include "hub-protocol/wire/matter.pb.h"
#include "hub-protocol/wire/parcels.pb.h"

namespace qianzhi::hub {

class Exchange;

// Called from many threads at once. caller is the agent id that TLS and directory gave. They throw as Exchange does:
// rejected becomes 400, unavailable and full 503, misuse 500, corrupt 500 and the end of the process.
struct Handlers {
  using Caller = const std::string&;
  std::function<wire::SessionReply(Caller, const wire::SessionRequest&)> session;
  std::function<wire::PostReply(Caller, const wire::PostRequest&)> post;
  std::function<wire::FetchReply(Caller, const wire::FetchRequest&)> fetch;  // answers at once
  std::function<wire::DirectoryReply(Caller, const wire::DirectoryRequest&)> directory;
  std::function<wire::AppliedReply(Caller, const wire::AppliedRequest&)> applied;
  std::function<wire::MattersReply(Caller, const wire::MattersRequest&)> matters;
  std::function<wire::ParcelsReply(Caller, const wire::ParcelsRequest&)> parcels;

  std::function<wire::RenewReply(Caller, const wire::RenewRequest&)> renew;  // empty: refused with QZ-HUB-220
  // Callers without a certificate are heard only where both are set and is_open says so.
  std::function<bool()> enrolment_is_open;
  std::function<wire::EnrolReply(const std::string& address, const wire::EnrolRequest&)> enrol;
  // A known caller came with this TLS key. May be empty; must be quick for one that it has heard of.
  std::function<void(Caller, const Digest& tls_key)> seen;

  // As in Exchange: a counter that grows with whatever may concern someone who waits, the wait for it to grow
  // (milliseconds), and the end of all waiting.
  std::function<std::uint64_t()> changes;
  std::function<void(std::uint64_t seen, int timeout_ms)> wait_for_change;
  std::function<void()> stop_waiting;
  std::function<std::shared_ptr<const Directory>()> directory_in_force;
};

// The exchange must outlive the handlers. It knows of no matters and no parcels: whoever does puts those calls in.
Handlers handlers_of(Exchange& exchange);

}  // namespace qianzhi::hub
