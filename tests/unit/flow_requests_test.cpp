// Requests from agent to agent, through the hub of this process: shipped stages, stores and hub classes; clock, network
// and what is lost on it are the test's.
#include <catch2/catch.hpp>

#include <random>

#include "adapters/sqlite/sqlite_adapter.h"
#include "agent/flow/answerer.h"
#include "agent/flow/requests.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/parcels.h"
#include "hub-protocol/sqlite/database.h"
#include "hub_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;

namespace {

constexpr char tax_of_year[] = "tax.yearly_total";
constexpr char asking[] = "quality-01";
constexpr Micros request_second = 1'000'000;

Topic answered_topic() {
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

struct RequestWorld : test::HubWorld {
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
      d.expires = clock.now() + 100 * test::one_day;
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
    store = std::make_unique<store::Store>(options, Bytes(32, 'k'), world.random);
    keeper = std::make_unique<flow::DirectoryKeeper>(*store, world.clock, world.directory_key.record());
    keeper->refresh(link);
    flow::RequestParts parts{
        agent, *store, *keeper, world.clock, world.random, world.key_of(agent), world.keys.at(agent), {}, {}};
    requests = std::make_unique<flow::Requests>(std::move(parts));
    config::SourceConfig source;
    source.database.id = "own";
    answerer = std::make_unique<flow::Answerer>(agent, source, std::vector<config::AnswerConfig>{answer},
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
  config::AnswerConfig answer;
  std::unique_ptr<adapter::Adapter> adapter = adapter::make_sqlite_adapter(world.clock);
  std::unique_ptr<store::Store> store;
  std::unique_ptr<flow::DirectoryKeeper> keeper;
  std::unique_ptr<flow::Requests> requests;
  std::unique_ptr<flow::Answerer> answerer;
};

using Verdict = seal::AnswerVerdict;

std::vector<Verdict> verdicts_of(const flow::Inquiry& inquiry, std::size_t provider = 0) {
  return inquiry.providers.at(provider).answers.verdicts;
}

}  // namespace

TEST_CASE(
    "S2.9 each provider tells what its own records hold, item by item as granted, and what is outside is not there") {
  RequestWorld world;
  Side tax(world, "tax-01");
  Side asker(world, asking);
  tax.sql(
      "INSERT INTO tax VALUES('A', '2006', 100, '440103', 9), ('B', '2006', 200, '440104', 9), ('B', '2006', 201, "
      "'440104', 9),"
      " ('B', '2006', 202, '440104', 9), ('a', '2006', 300, '440103', 9), ('C', '2006', 400, NULL, 9)");
  flow::InquiryDraft draft = asker.draft({{"A", "2006"}, {"A", "2007"}, {"B", "2006"}, {"C", "2006"}, {"A", "all"}});
  draft.providers = {"tax-01"};
  const Bytes first = asker.requests->ask(draft);
  for (Side* side : {&asker, &tax, &asker}) side->turn();
  flow::Inquiry told = asker.requests->inquiry(first);
  REQUIRE(told.is_over());
  CHECK(verdicts_of(told) ==
        std::vector<Verdict>{Verdict::found, Verdict::not_found, Verdict::several, Verdict::found, Verdict::invalid});
  CHECK(told.providers[0].answers.questions == std::vector<std::uint32_t>{0, 3});
  CHECK(told.providers[0].answers.items == std::vector<std::string>{"total", "area"});
  CHECK(told.providers[0].answers.columns[0].text(0) == "100");

  world.change_directory([](Directory& d) {
    d.grants.back().groups = GroupSet::of({"440103"});
    d.grants.back().items = {"area"};
  });
  tax.keeper->refresh(tax.link);
  asker.keeper->refresh(asker.link);
  const Bytes second_id = asker.requests->ask(draft);
  for (Side* side : {&asker, &tax, &asker}) side->turn();
  told = asker.requests->inquiry(second_id);
  CHECK(verdicts_of(told) == std::vector<Verdict>{Verdict::found, Verdict::not_found, Verdict::not_found,
                                                  Verdict::not_found, Verdict::invalid});
  CHECK(told.providers[0].answers.items == std::vector<std::string>{"area"});
}

TEST_CASE("A25 a sum of too few is not told, and what cannot be counted is too few") {
  RequestWorld world;
  Side tax(world, "tax-01");
  Side asker(world, asking);
  tax.answer.group_column = "n";
  tax.answer.group_least = 5;
  tax.open();
  tax.sql(
      "INSERT INTO tax VALUES('A', '2006', 1, '440103', 4), ('B', '2006', 2, '440103', 5), ('C', '2006', 3, '440103', "
      "NULL)");
  flow::InquiryDraft draft = asker.draft({{"A", "2006"}, {"B", "2006"}, {"C", "2006"}});
  draft.providers = {"tax-01"};
  const Bytes id = asker.requests->ask(draft);
  for (Side* side : {&asker, &tax, &asker}) side->turn();
  const flow::Inquiry told = asker.requests->inquiry(id);
  CHECK(verdicts_of(told) == std::vector<Verdict>{Verdict::too_few, Verdict::found, Verdict::too_few});
  CHECK(told.providers[0].answers.questions == std::vector<std::uint32_t>{1});
}

TEST_CASE("A25 an asker beyond the rate waits, and others do not wait for it") {
  RequestWorld world;
  Side tax(world, "tax-01");
  Side asker(world, asking);
  Side other(world, "commerce-01");
  world.change_directory([](Directory& d) {
    d.grants.push_back({"ask2", tax_of_year, "commerce", {}, GroupSet::every(), 0, "case", "law"});
  });
  for (Side* side : {&tax, &asker, &other}) side->keeper->refresh(side->link);
  tax.answer.questions_a_minute = 2;
  tax.open();
  std::vector<Bytes> ids;
  for (int i = 0; i < 3; ++i) {
    flow::InquiryDraft draft = asker.draft({{"A", "2006"}, {"B", "2006"}});
    draft.providers = {"tax-01"};
    ids.push_back(asker.requests->ask(draft));
  }
  flow::InquiryDraft draft = other.draft({{"A", "2006"}});
  draft.providers = {"tax-01"};
  const Bytes of_other = other.requests->ask(draft);
  for (Side* side : {&asker, &other, &tax, &asker, &other}) side->turn();
  const auto over = [&] {
    int count = 0;
    for (const Bytes& id : ids) count += asker.requests->inquiry(id).is_over() ? 1 : 0;
    return count;
  };
  CHECK(over() == 1);
  CHECK(other.requests->inquiry(of_other).is_over());
  for (int minutes = 2; minutes <= 3; ++minutes) {
    world.clock.advance(61 * request_second);
    for (Side* side : {&tax, &asker}) side->turn();
    CHECK(over() == minutes);
  }
}

TEST_CASE("A25 S2.6 the hub refuses what nobody may ask, and a provider asks the directory again") {
  RequestWorld world;
  Side tax(world, "tax-01");
  Side asker(world, asking);
  flow::InquiryDraft draft = asker.draft({{"A", "2006"}});
  draft.providers = {"tax-01"};
  const Bytes first = asker.requests->ask(draft);
  asker.turn();
  const Bytes second_id = asker.requests->ask(draft);
  // The grant is gone before the provider answers, and before the request_second is at the hub.
  world.change_directory([](Directory& d) { d.grants.pop_back(); });
  tax.keeper->refresh(tax.link);
  for (Side* side : {&asker, &tax, &asker}) side->turn();
  CHECK(asker.requests->inquiry(first).providers[0].code == "QZ-AGT-160");
  CHECK(asker.requests->inquiry(second_id).providers[0].code == "QZ-HUB-251");
  CHECK(world.refused == std::vector<std::string>{"QZ-HUB-251"});
  asker.keeper->refresh(asker.link);
  test::check_throws("QZ-AGT-151", [&] { asker.requests->ask(draft); });
}

TEST_CASE("A9 an answer is taken once, for what was asked, and never after the deadline") {
  RequestWorld world;
  Side tax(world, "tax-01");
  Side asker(world, asking);
  flow::InquiryDraft draft = asker.draft({{"A", "2006"}});
  draft.within = 60 * request_second;
  draft.providers = {"tax-01"};
  const Bytes late = asker.requests->ask(draft);
  asker.turn();
  world.clock.advance(61 * request_second);
  for (Side* side : {&tax, &asker}) side->turn();
  CHECK(asker.requests->inquiry(late).providers[0].state == store::RequestState::expired);
  CHECK(tax.store->requests(store::RequestState::to_answer, 1).empty());
  // A request that was kept somewhere is no request again once its deadline is over, and the same one is known before.
  draft.within = 3600 * request_second;
  const Bytes id = asker.requests->ask(draft);
  const Bytes kept = asker.store->requests(store::RequestState::to_send, 1).front().ask;
  for (Side* side : {&asker, &tax, &asker}) side->turn();
  wire::ParcelsRequest again;
  again.add_parcels()->ParseFromString(kept);
  CHECK(world.parcels->exchange(asking, again).verdicts(0).outcome() == wire::PARCEL_KEPT);
  CHECK_FALSE(world.parcels->waits_for("tax-01"));
  CHECK(world.parcels->exchange("tax-01", again).verdicts(0).code() == "QZ-HUB-251");
  CHECK(asker.requests->inquiry(id).is_over());
}

TEST_CASE("S4.3 whatever is lost or restarted, each provider's answer comes once and is right") {
  const unsigned seed = GENERATE(range(1U, 4U));
  RequestWorld world;
  std::mt19937 random(seed);
  Side commerce(world, "commerce-01");
  Side tax(world, "tax-01");
  Side asker(world, asking);
  const std::vector<Side*> sides = {&commerce, &tax, &asker};
  for (Side* side : sides) side->link.loses = [&random] { return random() % 4 == 0; };
  for (int i = 0; i < 50; ++i) {
    const std::string row = "('" + std::to_string(i) + "', '2006', " + std::to_string(i * 10) + ", '440103', 9)";
    tax.sql("INSERT INTO tax VALUES" + row);
    if (i % 3 == 0) commerce.sql("INSERT INTO tax VALUES" + row);
  }
  std::vector<std::pair<Bytes, int>> asked;
  for (int step = 0; step < 300; ++step) {
    if (step < 200 && step % 4 == 0) {
      const int number = static_cast<int>(random() % 60);
      asked.emplace_back(asker.requests->ask(asker.draft({{std::to_string(number), "2006"}})), number);
    }
    Side& side = *sides[random() % sides.size()];
    try {
      side.turn();
    } catch (const Error& error) {
      REQUIRE(error.kind() == ErrorKind::unavailable);
      asker.requests->send_again();  // as after each return of the hub
    }
    const unsigned fate = random() % 40;
    if (fate < 2) side.open();
    if (fate == 2) world.open_hub();
    // The hub's disk is lost: what was on its way there is sent again.
    if (fate == 3 && step % 2 == 0) {
      world.parcels.reset();
      world.box.reset();
      std::filesystem::remove(world.dir / "parcels.db");
      world.open_hub();
      for (Side* each : sides) each->requests->send_again();
    }
    world.clock.advance(request_second);
  }
  for (Side* side : sides) side->link.loses = {};
  for (int round = 0; round < 10; ++round) {
    world.clock.advance(11 * request_second);  // what the hub put off is tried again
    for (Side* side : sides) side->turn();
  }
  for (const auto& [id, number] : asked) {
    const flow::Inquiry told = asker.requests->inquiry(id);
    REQUIRE(told.providers.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      CAPTURE(seed, number, told.providers[i].provider, told.providers[i].code);
      REQUIRE(told.providers[i].state == store::RequestState::answered);
      const bool is_known = number < 50 && (i == 1 || number % 3 == 0);
      REQUIRE(verdicts_of(told, i) == std::vector<Verdict>{is_known ? Verdict::found : Verdict::not_found});
      if (is_known) REQUIRE(told.providers[i].answers.columns[0].text(0) == std::to_string(number * 10));
    }
  }
}
