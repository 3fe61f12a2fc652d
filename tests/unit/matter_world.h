// A hub with a registry: departments ask each other for data (PROTOCOL 16). commerce provides, tax asks; firms are
// shared on conditions, closed_firms with everybody.
#pragma once

#include <catch2/catch.hpp>

#include "hub-protocol/hub/matters.h"
#include "hub-protocol/registry/content.h"
#include "hub-protocol/seal/document.h"
#include "hub_support.h"

namespace qianzhi::test {

inline const audit::Actor officer{audit::ActorKind::operator_, "wang"};
inline constexpr Micros ten_days = 10 * one_day;

struct MatterWorld : HubWorld {
  MatterWorld() {
    change_directory([&](Directory& d) {
      Topic& topic = d.catalogue.topics[firms];
      topic.sharing = Sharing::conditional;
      topic.basis = "law";
      topic.purposes = {"tax source", "market"};
      d.catalogue.topics[closed_firms].sharing = Sharing::must;
      d.grants.clear();
      d.expires = clock.now() + 100 * one_day;
      base = d;
    });
    restart();
  }
  void restart() {
    matters.reset();
    matters = std::make_unique<hub::Matters>(hub::MatterParts{registry, *hub, clock, ten_days, [this] { publish(); }});
  }
  void publish() {
    change_directory([&](Directory& d) {
      const std::uint64_t version = d.version;
      d = base;
      d.version = version;
      registry.read([&](const registry::View& view) { left_out = registry::add_to(d, view, DigestSuite::sha256); });
    });
  }
  const seal::SigningKey& key_of(const std::string& agent) const {
    return agent == "commerce-01" ? key : agent == "tax-01" ? tax_key : other_key;
  }
  Grant wish(const std::string& topic = firms) const {
    Grant terms;
    terms.topic = topic;
    terms.department = "tax";
    terms.items = {"number", "area"};
    terms.groups = GroupSet::of({"440103"});
    terms.purpose = "tax source";
    terms.basis = "regulation";
    return terms;
  }
  wire::DocumentBody request(const Grant& terms) {
    wire::DocumentBody body;
    seal::write_terms(terms, *body.mutable_request()->mutable_terms());
    return body;
  }
  wire::DocumentBody decision(const Bytes& matter, bool approved, const Grant& terms) {
    wire::DocumentBody body;
    body.set_matter(matter);
    body.mutable_decision()->set_approved(approved);
    body.mutable_decision()->set_reason(approved ? "" : "no");
    seal::write_terms(terms, *body.mutable_decision()->mutable_terms());
    return body;
  }
  wire::DocumentBody objection(const std::string& item = "area") {
    wire::DocumentBody body;
    wire::Objection& content = *body.mutable_objection();
    content.set_topic(firms);
    content.set_origin("commerce-01");
    content.add_key("n1");
    content.set_item(item);
    content.set_claimed("440104");
    content.set_reason("moved");
    return body;
  }
  wire::Document sign(const std::string& agent, wire::DocumentBody body) {
    body.set_id(random.bytes(16));
    body.set_sender(agent);
    body.set_time(clock.now());
    wire::Document document;
    seal::sign_document(body, key_of(agent), document);
    return document;
  }
  // The code of the hub's verdict; empty: taken. `last` is the document's id.
  std::string send(const std::string& agent, const wire::Document& document) {
    wire::MattersRequest request;
    *request.add_documents() = document;
    const wire::MattersReply reply = matters->exchange(agent, request);
    last = reply.verdicts(0).id();
    return reply.verdicts(0).code();
  }
  std::string say(const std::string& agent, const wire::DocumentBody& body) { return send(agent, sign(agent, body)); }
  std::vector<wire::Matter> seen_by(const std::string& agent, std::uint64_t after = 0) {
    wire::MattersRequest request;
    request.set_after(after);
    const wire::MattersReply reply = matters->exchange(agent, request);
    return {reply.matters().begin(), reply.matters().end()};
  }
  wire::MatterState state() const { return matters->all().front().state(); }
  std::string id() const { return to_hex(matters->all().front().id()); }
  std::set<std::string> items_of_tax() const {
    return hub->current_directory()->entitlement("tax-01", firms, clock.now()).items();
  }
  // Asked for, approved by the provider, granted.
  Bytes granted() {
    REQUIRE(say("tax-01", request(wish())).empty());
    const Bytes matter = last;
    REQUIRE(say("commerce-01", decision(matter, true, wish())).empty());
    matters->decide(officer, to_hex(matter), true, "");
    return matter;
  }

  Directory base;
  registry::Registry registry{dir / "registry", DigestSuite::sha256, clock};
  std::unique_ptr<hub::Matters> matters;
  std::vector<registry::LeftOut> left_out;
  Bytes last;
};

}  // namespace qianzhi::test
