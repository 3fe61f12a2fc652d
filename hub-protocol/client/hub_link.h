// The agent's view of the hub: seven calls. HttpsLink speaks them over mutual TLS, FileLink by files through a folder;
// the simulation hands them to the shipped hub classes directly.
#pragma once

#include "hub-protocol/base/error.h"
#include "hub-protocol/wire/directory.pb.h"
#include "hub-protocol/wire/enrol.pb.h"
#include "hub-protocol/wire/exchange.pb.h"
#include "hub-protocol/wire/matter.pb.h"
#include "hub-protocol/wire/parcels.pb.h"

namespace qianzhi {

// Each call is one request and one reply. Throws Error(unavailable) when no whole reply came: the request may or may
// not have been carried out. Throws Error(rejected) with the hub's own code for a 4xx reply, and Error(misuse,
// QZ-LINK-010) when the hub refused our certificate. An object belongs to one thread; open one a thread.
class HubLink {
 public:
  virtual ~HubLink() = default;
  virtual wire::SessionReply session(const wire::SessionRequest& request) = 0;
  virtual wire::PostReply post(const wire::PostRequest& request) = 0;
  virtual wire::FetchReply fetch(const wire::FetchRequest& request) = 0;
  virtual wire::DirectoryReply directory(const wire::DirectoryRequest& request) = 0;
  virtual wire::AppliedReply applied(const wire::AppliedRequest& request) = 0;
  virtual wire::MattersReply matters(const wire::MattersRequest& request) = 0;

  virtual wire::ParcelsReply parcels(const wire::ParcelsRequest&) {
    throw Error(ErrorKind::rejected, "QZ-LINK-153", "this way to the hub carries no requests");
  }

  // Keys are renewed where agent and hub speak directly. Throws Error(rejected, QZ-LINK-151) elsewhere.
  virtual wire::RenewReply renew(const wire::RenewRequest&) {
    throw Error(ErrorKind::rejected, "QZ-LINK-151", "this way to the hub renews no keys");
  }

  // From another thread: ends a call under way, and every later one, with Error(unavailable, QZ-LINK-008), for a quick
  // stop.
  virtual void interrupt() {}
};

}  // namespace qianzhi
