// One hub on a real store with a provider (commerce-01), two receivers and a stranger, for the tests of the exchange.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hub-protocol/hub/exchange.h"
#include "hub-protocol/hub/log.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/seal/receipt.h"
#include "hub-protocol/wire/values.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test {

class ManualClock final : public Clock {
 public:
  Micros now() const override { return now_ + stepped_; }
  Micros steady() const override { return now_; }
  void advance(Micros by) { now_ += by; }
  void step(Micros by) { stepped_ += by; }  // the wall clock alone

 private:
  std::atomic<Micros> now_ = 1'700'000'000'000'000;
  std::atomic<Micros> stepped_ = 0;
};

inline constexpr Micros one_day = 86'400'000'000;
inline constexpr char firms[] = "commerce.firms";
inline constexpr char closed_firms[] = "commerce.closed_firms";

inline Topic topic_of(const std::string& id) {
  Topic topic;
  topic.id = id;
  topic.items.resize(3);
  topic.items[0].id = "number";
  topic.items[1].id = "name";
  topic.items[2].id = "area";
  topic.key = {"number"};
  topic.partition = "area";
  return topic;
}

// The provider's side of one stream: seals what follows.
class Chain {
 public:
  Chain(StreamId stream, seal::SigningKey key, Random& random)
      : stream_(std::move(stream)), key_(std::move(key)), random_(&random) {}

  seal::Sealed begin(const GroupSet& scope = GroupSet::every()) {
    seal::Sealed sealed = add(BatchKind::begin, {}, scope, {});
    begin_ = sealed.digest;
    return sealed;
  }
  seal::Sealed rows(const std::vector<Group>& groups) { return add(BatchKind::rows, groups, {}, begin_); }
  seal::Sealed end(const GroupSet& scope = GroupSet::every()) { return add(BatchKind::end, {}, scope, begin_); }
  seal::Sealed change(const std::vector<Group>& groups = {"440103"}) { return add(BatchKind::change, groups, {}, {}); }
  seal::Sealed add(BatchKind kind, const std::vector<Group>& groups, const GroupSet& scope, const Digest& begin) {
    seal::Header header;
    header.kind = kind;
    header.stream = stream_;
    header.catalogue_version = 1;
    header.position = {head.position.epoch, head.position.sequence + 1};
    header.previous = head.digest;
    header.time = time;
    header.scope = scope;
    header.begin = begin;
    seal::Sealed sealed = seal::seal(header, content(groups), {"pos", "id"}, key_, *random_);
    head = {header.position, sealed.digest};
    return sealed;
  }
  // R5.4: the next batch opens a greater epoch, from this head.
  void open_epoch(const Head& from, std::uint64_t epoch) { head = {{epoch, 0}, from.digest}; }
  void use(seal::SigningKey key) { key_ = std::move(key); }
  const seal::SigningKey& key() const { return key_; }

  Head head{{1, 0}, {}};
  Micros time = 1'700'000'000'000'000;  // by the provider's clock

 private:
  seal::BatchContent content(const std::vector<Group>& groups) {
    seal::BatchContent all;
    all.items = {"number", "name", "area"};
    std::uint32_t ordinal = 0;
    for (const Group& group : groups) {
      seal::GroupRows rows{group, {{Operation::upsert, ordinal++, 0, 0}}, std::vector<Column>(3)};
      rows.items[0].append("n" + std::to_string(++serial_));
      rows.items[1].append("secret name");
      rows.items[2].append(group);
      all.groups.push_back(std::move(rows));
    }
    return all;
  }
  StreamId stream_;
  seal::SigningKey key_;
  Random* random_;
  Digest begin_;
  int serial_ = 0;
};

class HubWorld {
 public:
  HubWorld() {
    make_directory();
    options.store = dir / "hub.db";
    options.directory_key = directory_key.record();
    install();
    start();
  }

  void make_directory() {
    directory.version = 1;
    directory.issued = clock.now();
    directory.expires = clock.now() + one_day;
    directory.hub_key = hub_key.record();
    for (const char* id : {"commerce", "tax", "quality"}) directory.departments[id] = {id, id, id};
    add_agent("commerce-01", "commerce", key);
    add_agent("commerce-02", "commerce", other_key);
    add_agent("tax-01", "tax", tax_key);
    add_agent("quality-01", "quality", other_key);
    directory.catalogue.version = 1;
    for (const char* id : {firms, closed_firms}) {
      directory.catalogue.topics[id] = topic_of(id);
      directory.provisions.push_back({id, "commerce-01", GroupSet::every()});
    }
    Grant grant{"g1", firms, "tax", {"number", "area"}, GroupSet::of({"440103"}), 0, "tax source", "regulation"};
    directory.grants.push_back(grant);
  }
  void add_agent(const std::string& id, const std::string& department, const seal::SigningKey& signing) {
    directory.agents[id] = {id, department, {}, {signing.record()}, true};
  }
  void install() {
    sealed = seal::seal_directory(directory, directory_key);
    directory.digest = sealed.digest;
  }
  void start() {
    hub.reset();
    hub = std::make_unique<hub::Exchange>(options, clock, random, hub_key, directory, sealed, breakpoint);
  }
  // Changes the directory in force.
  template <typename Change>
  void change_directory(Change&& change) {
    change(directory);
    ++directory.version;
    install();
    hub->install_directory(directory, sealed);
  }

  void register_keys(const std::string& agent, const std::vector<KeyRecord>& keys) {
    change_directory([&](Directory& d) { d.agents[agent].signing_keys = keys; });
  }

  Chain chain(const std::string& topic = firms, const std::string& agent = "commerce-01") {
    return Chain({agent, topic}, key, random);
  }
  wire::SessionReply open(const std::string& agent = "commerce-01", const wire::SessionRequest& request = {}) {
    wire::SessionReply reply = hub->session(agent, request);
    sessions[agent] = reply.session();
    return reply;
  }
  wire::PostReply post_all(const std::vector<seal::Sealed>& batches, const std::string& agent = "commerce-01") {
    if (sessions[agent].empty()) open(agent);
    wire::PostRequest request;
    request.set_session(sessions[agent]);
    for (const seal::Sealed& batch : batches) request.add_batches(batch.octets);
    return hub->post(agent, request);
  }
  // The verdict on one batch, or several of one stream.
  wire::Verdict post(const std::vector<seal::Sealed>& batches, const std::string& agent = "commerce-01") {
    const wire::PostReply reply = post_all(batches, agent);
    return reply.verdicts_size() == 1 ? reply.verdicts(0) : wire::Verdict();
  }
  wire::Verdict post(const seal::Sealed& batch) { return post(std::vector<seal::Sealed>{batch}); }

  wire::FetchReply fetch_reply(const Head& mark, const std::string& agent = "tax-01", const std::string& topic = firms,
                               std::uint32_t max_bytes = 0) {
    wire::FetchRequest request;
    wire::MarkMessage& asked = *request.add_marks();
    write_value(StreamId{"commerce-01", topic}, *asked.mutable_stream());
    write_value(mark, *asked.mutable_mark());
    request.set_max_bytes(max_bytes);
    return hub->fetch(agent, request);
  }
  wire::Page fetch(const Head& mark, const std::string& agent = "tax-01", const std::string& topic = firms,
                   std::uint32_t max_bytes = 0) {
    return fetch_reply(mark, agent, topic, max_bytes).pages(0);
  }
  // begin(*), rows, end and a change, accepted.
  Chain filled() {
    Chain stream = chain();
    post({stream.begin(), stream.rows({"440103", "440104"}), stream.end(), stream.change()});
    return stream;
  }
  seal::ReceiptContent read(const wire::Receipt& receipt) const {
    return seal::open_receipt(receipt, hub_key.record());
  }

  TempDir dir;
  ManualClock clock;
  SystemRandom random;
  seal::SigningKey hub_key = seal::SigningKey::generate();
  seal::SigningKey directory_key = seal::SigningKey::generate();
  seal::SigningKey key = seal::SigningKey::generate();
  seal::SigningKey other_key = seal::SigningKey::generate();
  seal::SigningKey tax_key = seal::SigningKey::generate();
  Directory directory;
  seal::SealedDirectory sealed;
  hub::ExchangeOptions options;
  hub::Breakpoint breakpoint;
  std::unique_ptr<hub::Exchange> hub;
  std::map<std::string, Bytes> sessions;
};

}  // namespace qianzhi::test
