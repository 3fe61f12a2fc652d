// A provider and a subscriber with their shipped stages and stores, a shipped exchange behind a shipped HTTPS server,
// mutual TLS, and a proxy that cuts between them.
#pragma once

#include "adapters/sqlite/sqlite_adapter.h"
#include "agent/flow/deliver.h"
#include "agent/flow/uplink.h"
#include "cut_proxy.h"
#include "https_pki.h"
#include "hub-protocol/client/https_link.h"
#include "hub-protocol/hub/server.h"
#include "hub_support.h"

namespace qianzhi::test {

// A link that can be begun anew, as after a restart of the agent, or be another one.
class RenewableLink final : public HubLink {
 public:
  void dial(const HttpsLinkOptions& options) { link_ = std::make_unique<HttpsLink>(options); }
  void use(std::unique_ptr<HubLink> link) { link_ = std::move(link); }
  wire::SessionReply session(const wire::SessionRequest& request) override {
    wire::SessionReply reply = link_->session(request);
    if (tamper)
      for (wire::Receipt& head : *reply.mutable_heads()) tamper(head);
    return reply;
  }
  wire::PostReply post(const wire::PostRequest& request) override {
    wire::PostReply reply = link_->post(request);
    if (tamper)
      for (wire::Verdict& verdict : *reply.mutable_verdicts()) tamper(*verdict.mutable_head());
    return reply;
  }
  wire::FetchReply fetch(const wire::FetchRequest& request) override { return link_->fetch(request); }
  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override { return link_->directory(request); }
  wire::AppliedReply applied(const wire::AppliedRequest& request) override { return link_->applied(request); }
  wire::MattersReply matters(const wire::MattersRequest& request) override { return link_->matters(request); }
  wire::RenewReply renew(const wire::RenewRequest& request) override { return link_->renew(request); }

  std::function<void(wire::Receipt&)> tamper;  // a hub that signs what is not so

 private:
  std::unique_ptr<HubLink> link_;
};

class CutWorld {
 public:
  CutWorld();
  ~CutWorld();

  // The provider's next batch in its outbox: one row that the subscriber may see, and one that it may not. ahead: of
  // the provider's clock to the hub's.
  void seal_one(Micros ahead = 0);
  // A new connection at the next call.
  void renew_links();

  // Runs the stage again and again, as the pump would, until it is done: all is receipted or applied. The number of
  // runs; 0 if it was not done after 20.
  int send_all();
  int take_all();

  // The hub's log is the provider's chain, each batch once; else what differs.
  std::string log_difference();
  // The target holds each row that was sealed for it, applied once; else what differs.
  std::string target_difference() const;
  // Head and counts of the newest apply receipt that the hub keeps.
  wire::AppliedBody newest_applied();

  HubWorld hub;
  TestCa ca;
  std::unique_ptr<hub::HubServer> server;
  std::unique_ptr<CutProxy> proxy;
  RenewableLink provider_link;
  RenewableLink subscriber_link;
  std::unique_ptr<store::Store> provider_store;
  std::unique_ptr<store::Store> subscriber_store;
  std::unique_ptr<flow::DirectoryKeeper> provider_directory;
  std::unique_ptr<flow::DirectoryKeeper> subscriber_directory;
  std::unique_ptr<adapter::Adapter> adapter;
  std::unique_ptr<flow::Uplink> uplink;
  std::unique_ptr<flow::Deliver> deliver;
  std::vector<Head> chain;         // what the provider sealed
  std::uint64_t granted_rows = 0;  // that the subscriber must hold

 private:
  void make_directory();
  void make_provider();
  void make_subscriber();
  HttpsLinkOptions options_of(const std::string& agent) const;
  void keep(const seal::Sealed& sealed, Micros sealed_at);

  std::optional<Chain> stream_;
};

}  // namespace qianzhi::test
