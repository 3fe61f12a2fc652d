// Agents as far as requests go, and the hub between them in this process: shipped stages, stores and hub classes;
// clock, network and what is lost on it are the test's.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "adapters/sqlite/sqlite_adapter.h"
#include "agent/flow/answerer.h"
#include "agent/flow/requests.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/parcels.h"
#include "hub-protocol/sqlite/database.h"
#include "hub_support.h"

namespace qianzhi::test {

inline constexpr char tax_of_year[] = "tax.yearly_total";
inline constexpr char asking[] = "quality-01";
inline constexpr Micros request_second = 1'000'000;

inline Topic answered_topic() {
  Topic topic;
  topic.id = tax_of_year;
  topic.mode = TopicMode::answer;
  topic.items = {{"number", "", "", ItemType::text, 20},
                 {"year", "", "", ItemType::year},
                 {"total", "", "", ItemType::integer},
                 {"area", "", "", ItemType::text, 6}};
  topic.key = {"number", "year"};
  topic.partition = "area";
  topic.purposes = {"case"};
  return topic;
}

struct RequestWorld : HubWorld {
  RequestWorld() {
    set_log_level(LogLevel::error);
    change_directory([&](Directory& d) {
      d.catalogue.topics[tax_of_year] = answered_topic();
      for (const char* provider : {"commerce-01", "tax-01"}) d.provisions.push_back({tax_of_year, provider});
      d.grants.push_back({"ask", tax_of_year, "quality", {}, GroupSet::every(), 0, "case", "law"});
      for (auto& [id, agent] : d.agents) {
        keys.emplace(id, seal::DecryptionKey::generate(seal::EncryptionAlgorithm::x25519));
        agent.encryption_keys = {keys.at(id).record()};
      }
      d.expires = clock.now() + 100 * one_day;
    });
    open_hub();
  }
  void open_hub() {
    parcels.reset();
    box.reset();
    box = std::make_unique<hub::ParcelBox>(dir / "parcels.db");
    hub::ParcelParts parts{*box, clock, [this] { return hub->current_directory(); }, {}, {}, [] {}};
    parts.enter = [this](const std::vector<audit::Entry>& entries) { entered += entries.size(); };
    parts.tally = [this](const audit::Entry& entry) { refused.push_back(entry.outcome); };
    parcels = std::make_unique<hub::Parcels>(std::move(parts));
  }
  const seal::SigningKey& key_of(const std::string& agent) const {
    return agent == "commerce-01" ? key : agent == "tax-01" ? tax_key : other_key;
  }

  std::map<std::string, seal::DecryptionKey> keys;
  std::unique_ptr<hub::ParcelBox> box;
  std::unique_ptr<hub::Parcels> parcels;
  std::size_t entered = 0;
  std::vector<std::string> refused;
};

// A call is lost on its way there, or its reply on the way back, as often as the test says.
class LossyLink final : public HubLink {
 public:
  LossyLink(RequestWorld& world, std::string caller) : world_(world), caller_(std::move(caller)) {}
  wire::SessionReply session(const wire::SessionRequest&) override { return {}; }
  wire::PostReply post(const wire::PostRequest&) override { return {}; }
  wire::AppliedReply applied(const wire::AppliedRequest&) override { return {}; }
  wire::MattersReply matters(const wire::MattersRequest&) override { return {}; }
  wire::FetchReply fetch(const wire::FetchRequest&) override { return {}; }
  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override {
    return world_.hub->directory(caller_, request);
  }
  wire::ParcelsReply parcels(const wire::ParcelsRequest& request) override {
    if (loses && loses()) throw Error(ErrorKind::unavailable, "QZ-LINK-005", "lost");
    wire::ParcelsReply reply = world_.parcels->exchange(caller_, request);
    if (loses && loses()) throw Error(ErrorKind::unavailable, "QZ-LINK-006", "lost");
    return reply;
  }
  std::function<bool()> loses;

 private:
  RequestWorld& world_;
  std::string caller_;
};

// An agent as far as requests go.
struct Side {
  Side(RequestWorld& the_world, std::string the_agent)
      : world(the_world), agent(std::move(the_agent)), link(world, agent) {
    answer.service = tax_of_year;
    answer.source = "own";
    answer.table = "tax";
    answer.match = {{"number", "reg"}, {"year", "y"}};
    answer.rows_each = 2;
    sqlite::Database database(file(), {sqlite::Access::read_write_create, false, "", 5000});
    database.execute("CREATE TABLE tax(reg TEXT, y TEXT, total INTEGER, area TEXT, n INTEGER)");
    database.execute("CREATE INDEX tax_key ON tax(reg, y)");
    open();
  }
  std::filesystem::path file() const { return world.dir / (agent + ".db"); }
  void open() {
    answerer.reset();
    requests.reset();
    keeper.reset();
    store.reset();
    store::StoreOptions options;
    options.file = world.dir / (agent + ".queue");
    store = std::make_unique<store::Store>(options, Bytes(32, 'k'), world.random, breakpoint);
    keeper = std::make_unique<flow::DirectoryKeeper>(*store, world.clock, world.directory_key.record());
    keeper->refresh(link);
    flow::RequestParts parts{
        agent, *store, *keeper, world.clock, world.random, world.key_of(agent), world.keys.at(agent), {}, {}};
    requests = std::make_unique<flow::Requests>(std::move(parts));
    config::SourceConfig source;
    source.database.id = "own";
    std::vector<config::AnswerConfig> answers{answer};
    answers.insert(answers.end(), others.begin(), others.end());
    answerer = std::make_unique<flow::Answerer>(agent, source, std::move(answers),
                                                flow::AnswererParts{*adapter, *requests, *keeper, world.clock},
                                                adapter::Connection{{{"file", file().string()}}, {}});
  }
  void sql(const std::string& text) {
    sqlite::Database(file(), {sqlite::Access::read_write, false, "", 5000}).execute(text);
  }
  flow::InquiryDraft draft(const std::vector<std::pair<std::string, std::string>>& asked) const {
    flow::InquiryDraft draft{tax_of_year,           {}, {{"number", "year"}, std::vector<Column>(2)}, "case", "law",
                             3600 * request_second, {}};
    for (const auto& [number, year] : asked) {
      draft.questions.columns[0].append(number);
      draft.questions.columns[1].append(year);
    }
    return draft;
  }
  // What it does when nothing is lost.
  void turn() {
    requests->expire();
    while (requests->send(link)) {
    }
    if (world.parcels->waits_for(agent)) requests->receive(link);
    answerer->run_once();
    while (requests->send(link)) {
    }
  }

  RequestWorld& world;
  std::string agent;
  LossyLink link;
  store::Breakpoint breakpoint;  // of the store, from the next open() on
  config::AnswerConfig answer;
  std::vector<config::AnswerConfig> others;  // that it answers as well, from the next open() on
  std::unique_ptr<adapter::Adapter> adapter = adapter::make_sqlite_adapter(world.clock);
  std::unique_ptr<store::Store> store;
  std::unique_ptr<flow::DirectoryKeeper> keeper;
  std::unique_ptr<flow::Requests> requests;
  std::unique_ptr<flow::Answerer> answerer;
};

}  // namespace qianzhi::test
