// Requests from agent to agent, through the hub of this process.
#include <catch2/catch.hpp>

#include <random>

#include "request_world.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using test::asking;
using test::request_second;
using test::RequestWorld;
using test::Side;
using test::tax_of_year;

namespace {

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

TEST_CASE("S4.3 what was asked of us stays to be seen after its deadline, without its content, and then goes") {
  using store::RequestState;
  RequestWorld world;
  Side tax(world, "tax-01");
  Side asker(world, asking);
  flow::InquiryDraft draft = asker.draft({{"A", "2006"}});
  draft.providers = {"tax-01"};
  asker.requests->ask(draft);
  for (Side* side : {&asker, &tax}) side->turn();
  asker.requests->ask(draft);
  asker.turn();
  tax.requests->receive(tax.link);  // taken, and not answered
  const auto newest = [&](RequestState state) { return tax.store->newest_requests(state, 9); };
  REQUIRE(newest(RequestState::answer_sent).size() == 1);
  CHECK(newest(RequestState::to_answer).size() == 1);
  CHECK(tax.store->request(false, asking, newest(RequestState::answer_sent)[0].id)->answer.size() > 100);
  world.clock.advance(3601 * request_second);
  tax.requests->expire();
  REQUIRE(newest(RequestState::answer_sent).size() == 1);
  REQUIRE(newest(RequestState::missed).size() == 1);
  CHECK(tax.store->open_requests(false) == 0);
  for (const RequestState state : {RequestState::answer_sent, RequestState::missed}) {
    const auto kept = tax.store->request(false, asking, newest(state)[0].id);
    CHECK(kept->ask.empty());
    CHECK(kept->answer.empty());
  }
  CHECK_FALSE(tax.store->has_expired_requests(world.clock.now(), 0));
  world.clock.advance(store::shown_after_deadline);
  tax.requests->expire();
  CHECK(newest(RequestState::answer_sent).empty());
  CHECK(newest(RequestState::missed).empty());
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
