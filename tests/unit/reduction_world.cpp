#include "reduction_world.h"

#include <catch2/catch.hpp>

#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/letter.h"
#include "hub-protocol/wire/comparison.pb.h"
#include "tests/support/errors.h"

namespace qianzhi::test {

std::string marker(const std::string& topic, const std::string& item, const Group& group, int edition) {
  return "<" + topic + "/" + item + "@" + (group.empty() ? "unknown" : group) + "#" + std::to_string(edition) + ">";
}

Grant grant_of(std::set<std::string> items, GroupSet groups, Micros not_after) {
  return {"g", firms, "tax", std::move(items), std::move(groups), not_after, "purpose", "basis"};
}

ReductionWorld::ReductionWorld() : ca_(hub.dir.path(), "ca") {
  set_log_level(static_cast<LogLevel>(0));
  ca_.issue({"hub", "DNS:localhost", "serverAuth"});
  for (const char* agent : {"tax-01", "quality-01", "commerce-01"})
    hub.directory.agents[agent].tls_keys = {ca_.issue({agent, agent_uri(agent)})};
  for (const char* topic : {firms, closed_firms}) {
    Topic& made = hub.directory.catalogue.topics[topic];
    made.items.clear();
    for (const std::string& item : all_items) made.items.push_back({item, item, item});
  }
  hub.directory.expires = 0;
  // Certificates are judged by the hub's clock, files by a certificate's.
  hub.clock.step(SystemClock().now() - hub.clock.now());
  grant({});
  server_options_.files = {hub.dir / "hub.crt", hub.dir / "hub.key", ca_.certificate(), {}};
  server_options_.limits.parked_check_ms = 20;
  server_ = std::make_unique<hub::HubServer>(
      server_options_, hub::handlers_of(*hub.hub), [](const Error&) { std::abort(); }, hub.clock,
      [](const std::string&, const Error&) {});
  for (const char* topic : {firms, closed_firms}) {
    seal_one(topic, BatchKind::begin, {});
    seal_one(topic, BatchKind::rows, all_groups);
    seal_one(topic, BatchKind::end, {});
    seal_one(topic, BatchKind::change, {"", "440104"});
    seal_one(topic, BatchKind::change, all_groups);
  }
}

ReductionWorld::~ReductionWorld() {
  server_->stop();
  set_log_level(LogLevel::info);
}

void ReductionWorld::grant(const std::vector<Grant>& grants) {
  hub.change_directory([&](Directory& directory) {
    directory.grants = grants;
    for (const char* topic : {firms, closed_firms}) {
      Grant all = grant_of({}, GroupSet::every());
      all.department = "quality";
      all.topic = topic;
      directory.grants.push_back(all);
    }
  });
}

void ReductionWorld::seal_one(const std::string& topic, BatchKind kind, const std::vector<Group>& groups) {
  auto& [head, begin] = streams_[topic];
  seal::Header header;
  header.kind = kind;
  header.stream = {"commerce-01", topic};
  header.catalogue_version = 1;
  header.position = {1, head.position.sequence + 1};
  header.previous = head.digest;
  header.time = hub.clock.now();
  if (kind == BatchKind::begin || kind == BatchKind::end) header.scope = GroupSet::every();
  if (kind == BatchKind::rows || kind == BatchKind::end) header.begin = begin;
  const seal::Sealed made =
      seal::seal(header, content_of(topic, groups), {order_text, identity_text}, hub.key, hub.random);
  REQUIRE(hub.post(made).outcome() == wire::ACCEPTED);
  head = {header.position, made.digest};
  if (kind == BatchKind::begin) begin = made.digest;
  sealed.push_back(made);
}

std::unique_ptr<Recorder> ReductionWorld::recorder(const std::string& agent) const {
  return std::make_unique<Recorder>(
      TlsFiles{hub.dir / (agent + ".crt"), hub.dir / (agent + ".key"), ca_.certificate(), {}}, server_->port());
}

void ReductionWorld::write_letters() {
  wire::FetchRequest request;
  for (const auto& [to, text] : {std::pair{"tax-01", letter_to_tax}, std::pair{"quality-01", letter_to_quality}}) {
    wire::Comparison content;
    write_value(StreamId{"commerce-01", firms}, *content.mutable_stream());
    content.set_from("commerce-01");
    content.set_to(to);
    content.set_conversation(text);
    content.set_step(wire::READY);
    write_value(streams_[firms].first, *content.mutable_place());
    seal::sign_letter(content, hub.key, *request.add_letters());
  }
  hub.hub->fetch("commerce-01", request);
}

seal::BatchContent ReductionWorld::content_of(const std::string& topic, const std::vector<Group>& groups) {
  seal::BatchContent content;
  if (groups.empty()) return content;
  ++edition;
  content.items = all_items;
  std::uint32_t ordinal = 0;
  for (const Group& group : groups) {
    seal::GroupRows rows{group, {}, std::vector<Column>(all_items.size())};
    for (int row = 0; row < 3; ++row) {
      rows.meta.push_back({Operation::upsert, ordinal++, 0, 0});
      for (std::size_t i = 0; i < all_items.size(); ++i) {
        const bool is_long = all_items[i] == "name" || all_items[i] == "phone";
        rows.items[i].append(marker(topic, all_items[i], group, edition) + std::to_string(row) +
                             (is_long ? std::string(300, 'x') : std::string()));
      }
    }
    content.groups.push_back(std::move(rows));
  }
  return content;
}

Head head_of(const std::string& octets) { return seal::Parsed::from(octets).head(); }

wire::FetchRequest request_after(const std::string& topic, const Head& mark, bool headers_only) {
  wire::FetchRequest request;
  wire::MarkMessage& asked = *request.add_marks();
  write_value(StreamId{"commerce-01", topic}, *asked.mutable_stream());
  write_value(mark, *asked.mutable_mark());
  asked.set_headers_only(headers_only);
  return request;
}

namespace {

void walk(HubLink& link, const std::string& topic, bool headers_only, std::uint32_t page_octets) {
  Head mark;
  for (int page = 0; page < 40; ++page) {
    wire::FetchRequest request = request_after(topic, mark, headers_only);
    request.set_max_bytes(page_octets);
    const wire::Page reply = link.fetch(request).pages(0);
    if (reply.state() == wire::RESTART)
      mark = read_value(reply.restart());
    else if (reply.batches_size() == 0)
      return;
    else
      mark = head_of(reply.batches(reply.batches_size() - 1));
  }
  FAIL("the stream does not end");
}

}  // namespace

void ask_everything(HubLink& link, ReductionWorld& world, const std::string& agent) {
  const auto may_fail = [](const auto& call) { thrown_by(call); };
  wire::SessionRequest session;
  for (const char* topic : {firms, closed_firms}) session.add_topics(topic);
  may_fail([&] { link.session(session); });
  world.write_letters();
  for (const std::string topic : {firms, closed_firms}) {
    for (const bool headers_only : {false, true})
      for (const std::uint32_t octets : {0U, 1U}) walk(link, topic, headers_only, octets);
    Digest unknown;
    unknown.octets.fill(7);
    for (const Position& lost : {Position{1, 2}, Position{9, 9}}) link.fetch(request_after(topic, {lost, unknown}));
    wire::FetchRequest more = request_after(topic, {});
    more.set_takes_letters(true);
    wire::Wish& wish = *more.add_wishes();
    *wish.mutable_stream() = more.marks(0).stream();
    write_value(GroupSet::every(), *wish.mutable_groups());
    link.fetch(more);
  }
  wire::DirectoryRequest parts;
  for (const auto& [digest, octets] : world.hub.sealed.parts) parts.add_parts(digest.bytes());
  link.directory({});
  link.directory(parts);
  parts.add_parts(Bytes(32, 'x'));
  may_fail([&] { link.directory(parts); });
  wire::PostRequest posted;
  posted.set_session(Bytes(16, 's'));
  posted.add_batches(world.sealed.back().octets);
  may_fail([&] { link.post(posted); });
  wire::AppliedRequest applied;
  applied.add_applied()->set_body("no receipt of " + agent);
  may_fail([&] { link.applied(applied); });
  may_fail([&] { link.matters({}); });
}

}  // namespace qianzhi::test
