#include "hub-protocol/hub/handlers.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/exchange.h"

namespace qianzhi::hub {

Handlers handlers_of(Exchange& exchange) {
  using Caller = Handlers::Caller;
  Handlers all;
  all.session = [&](Caller caller, const wire::SessionRequest& r) { return exchange.session(caller, r); };
  all.post = [&](Caller caller, const wire::PostRequest& r) { return exchange.post(caller, r); };
  all.fetch = [&](Caller caller, const wire::FetchRequest& r) { return exchange.fetch(caller, r); };
  all.directory = [&](Caller caller, const wire::DirectoryRequest& r) { return exchange.directory(caller, r); };
  all.applied = [&](Caller caller, const wire::AppliedRequest& r) { return exchange.applied(caller, r); };
  all.matters = [](Caller, const wire::MattersRequest&) -> wire::MattersReply {
    throw Error(ErrorKind::rejected, "QZ-HUB-064", "this exchange takes no matters");
  };
  all.parcels = [](Caller, const wire::ParcelsRequest&) -> wire::ParcelsReply {
    throw Error(ErrorKind::rejected, "QZ-HUB-250", "this exchange carries no requests");
  };
  all.changes = [&] { return exchange.changes(); };
  all.wait_for_change = [&](std::uint64_t seen, int timeout_ms) { exchange.wait_for_change(seen, timeout_ms); };
  all.stop_waiting = [&] { exchange.stop_waiting(); };
  all.directory_in_force = [&] { return exchange.current_directory(); };
  return all;
}

}  // namespace qianzhi::hub
