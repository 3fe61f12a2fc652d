// Requests and answers where the one who asks and the one who answers are both behind a gateway that carries files
// only: shipped links, envelopes, hub and stages. Whenever one of them waits the gateway and the hub go on.
#include <catch2/catch.hpp>

#include "agent/flow/courier.h"
#include "https_pki.h"
#include "hub-protocol/client/file_link.h"
#include "hub-protocol/hub/file_port.h"
#include "request_world.h"
#include "tests/support/gateway.h"

namespace qianzhi::test {

namespace {

constexpr Micros gap_minute = 60'000'000;
constexpr char secret_number[] = "hidden-firm-";

struct GapWorld : RequestWorld {
  GapWorld(std::uint64_t seed, const GatewayFaults& faults)
      : gateway({{dir / "tax-01-out", dir / "tax-01-hub-in"},
                 {dir / "tax-01-hub-out", dir / "tax-01-in"},
                 {dir / "quality-01-out", dir / "quality-01-hub-in"},
                 {dir / "quality-01-hub-out", dir / "quality-01-in"}},
                seed, faults) {
    set_log_level(static_cast<LogLevel>(0));
    gateway.seek({secret_number, tax_of_year, "440103", asking});
    // Certificates are judged by the hub's clock here, which runs from a day of its own.
    clock.step(SystemClock().now() - clock.now());
    ca.issue({"hub", "DNS:localhost", "serverAuth"});
    hub::FilePortOptions port_options;
    for (const std::string agent : {"tax-01", "quality-01"}) {
      for (const char* folder : {"-out", "-in", "-hub-in", "-hub-out"})
        std::filesystem::create_directory(dir / (agent + folder));
      port_options.places.push_back({agent, dir / (agent + "-hub-in"), dir / (agent + "-hub-out")});
      const Digest tls_key = ca.issue({agent, agent_uri(agent)});
      change_directory([&](Directory& d) {
        d.agents.at(agent).tls_keys = {tls_key};
        d.expires = 0;
      });
    }
    hub->tell_parcels([this](const std::string& caller) { return parcels->waits_for(caller); });
    hub::Handlers handlers = hub::handlers_of(*hub);
    handlers.parcels = [this](const std::string& caller, const wire::ParcelsRequest& request) {
      return parcels->exchange(caller, request);
    };
    port_options.files = {dir / "hub.crt", dir / "hub.key", ca.certificate(), {}};
    port_options.kept = dir / "kept";
    port = std::make_unique<hub::FilePort>(
        port_options, handlers, [](const Error&) { std::abort(); }, clock, [](const std::string&, const Error&) {});
  }
  std::unique_ptr<FileLink> link(const std::string& agent) {
    FileLinkOptions made;
    made.agent = agent;
    made.out = dir / (agent + "-out");
    made.in = dir / (agent + "-in");
    made.files = {dir / (agent + ".crt"), dir / (agent + ".key"), ca.certificate(), {}};
    made.hub_certificate = dir / "hub.crt";
    return std::make_unique<FileLink>(made, clock, random, [this](Micros time) { turn(time); });
  }
  void turn(Micros time) {
    clock.advance(time);
    gateway.turn(clock.steady());
    port->turn();
  }

  TestCa ca{dir.path(), "ca"};
  Gateway gateway;
  std::unique_ptr<hub::FilePort> port;
};

struct GapSide : Side {
  GapSide(GapWorld& the_world, const std::string& name)
      : Side(the_world, name), up(the_world.link(name)), down(the_world.link(name)) {
    flow::CourierParts parts{*store, *keeper, *down, {}, {}, {}};
    parts.requests = requests.get();
    parts.on_return = [this] { requests->send_again(); };
    courier.emplace(name, std::move(parts));
  }
  // What its stages do, one after the other.
  void turn_by_files() {
    try {
      requests->expire();
      while (requests->send(*up)) {
      }
      courier->run_once();
      answerer->run_once();
      while (requests->send(*up)) {
      }
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unavailable) throw;
    }
  }
  std::unique_ptr<FileLink> up;
  std::unique_ptr<FileLink> down;
  std::optional<flow::Courier> courier;
};

flow::InquiryDraft question_of(const Side& asker, int number, Micros within) {
  flow::InquiryDraft draft = asker.draft({{secret_number + std::to_string(number), "2006"}});
  draft.providers = {"tax-01"};
  draft.within = within;
  return draft;
}

}  // namespace

TEST_CASE("A22 S2.9 requests and answers pass gateways on both sides once, whatever is lost, doubled or out of order",
          "[files]") {
  const int seed = GENERATE(1, 2);
  GapWorld world(static_cast<std::uint64_t>(seed), {10, 25, 30, 5, 5, 4 * gap_minute});
  GapSide tax(world, "tax-01");
  GapSide asker(world, asking);
  constexpr int count = 8;
  std::vector<Bytes> asked;
  for (int i = 0; i < count; ++i) {
    if (i % 2 == 0)
      tax.sql("INSERT INTO tax VALUES('" + (secret_number + std::to_string(i)) + "', '2006', " + std::to_string(i) +
              ", '440103', 9)");
    asked.push_back(asker.requests->ask(question_of(asker, i, 30 * one_day)));
    asker.turn_by_files();
    tax.turn_by_files();
  }
  const auto all_over = [&] {
    return std::all_of(asked.begin(), asked.end(),
                       [&](const Bytes& id) { return asker.requests->inquiry(id).is_over(); });
  };
  for (int turns = 0; turns < 60 && !all_over(); ++turns) {
    asker.turn_by_files();
    tax.turn_by_files();
  }
  for (int i = 0; i < count; ++i) {
    const flow::ProviderAnswer told = asker.requests->inquiry(asked[static_cast<std::size_t>(i)]).providers.at(0);
    CAPTURE(seed, i, told.code);
    REQUIRE(told.state == store::RequestState::answered);
    REQUIRE(told.answers.verdicts.at(0) == (i % 2 == 0 ? seal::AnswerVerdict::found : seal::AnswerVerdict::not_found));
    if (i % 2 == 0) CHECK(told.answers.columns[0].text(0) == std::to_string(i));
  }
  // Each was carried by the hub, and entered in its trail, once.
  CHECK(world.entered == 2 * count);
  CHECK(world.refused.empty());
  CHECK(world.gateway.found().empty());
  CHECK(world.gateway.damaged() > 0);
}

TEST_CASE("A22 a deadline shorter than a gateway's round trips ends the request at both ends, and nothing comes late",
          "[files]") {
  GapWorld world(3, {0, 0, 0, 0, 0, 20 * gap_minute});
  GapSide tax(world, "tax-01");
  GapSide asker(world, asking);
  const Bytes soon = asker.requests->ask(question_of(asker, 1, 5 * gap_minute));
  const Bytes later = asker.requests->ask(question_of(asker, 2, one_day));
  for (int turns = 0; turns < 6; ++turns) {
    asker.turn_by_files();
    tax.turn_by_files();
  }
  CHECK(asker.requests->inquiry(soon).providers.at(0).state != store::RequestState::answered);
  CHECK(asker.requests->inquiry(soon).is_over());
  CHECK(asker.requests->inquiry(later).providers.at(0).state == store::RequestState::answered);
  CHECK(tax.store->open_requests(false) == 0);
}

}  // namespace qianzhi::test
