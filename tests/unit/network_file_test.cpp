// A provider and a subscriber with their shipped stages, one or both of them behind a gateway that carries files and
// does to them what gateways do. The other one speaks TLS to the same hub.
#include <catch2/catch.hpp>

#include <cstdio>

#include "cut_world.h"
#include "hub-protocol/client/file_link.h"
#include "hub-protocol/hub/file_port.h"
#include "tests/support/gateway.h"

namespace qianzhi::test {

namespace {

constexpr Micros gateway_minute = 60'000'000;

// Two departments, each with its own folders; whenever one of them waits for its gateway the world goes on.
class FileExchange {
 public:
  explicit FileExchange(std::uint64_t seed, const GatewayFaults& faults)
      : gateway_({{dir() / "p-out", dir() / "p-hub-in"},
                  {dir() / "p-hub-out", dir() / "p-in"},
                  {dir() / "s-out", dir() / "s-hub-in"},
                  {dir() / "s-hub-out", dir() / "s-in"}},
                 seed, faults) {
    for (const char* side : {"p", "s"})
      for (const char* folder : {"-out", "-in", "-hub-in", "-hub-out"})
        std::filesystem::create_directory(dir() / (std::string(side) + folder));
    // The gateway sees nothing of what is exchanged.
    gateway_.seek({"secret name", "440103", "commerce.firms", "commerce-01", "tax-01"});
    // Certificates are judged by the hub's clock here, which runs from a day of its own.
    world.hub.clock.step(SystemClock().now() - world.hub.clock.now());
    restart_port();
  }
  const std::filesystem::path& dir() const { return world.hub.dir.path(); }
  void restart_port() {
    port_.reset();
    hub::FilePortOptions options;
    options.places = {{"commerce-01", dir() / "p-hub-in", dir() / "p-hub-out"},
                      {"tax-01", dir() / "s-hub-in", dir() / "s-hub-out"}};
    options.files = {dir() / "hub.crt", dir() / "hub.key", world.ca.certificate(), {}};
    options.kept = dir() / "kept";
    port_ = std::make_unique<hub::FilePort>(
        options, hub::handlers_of(*world.hub.hub), [](const Error&) { std::abort(); }, world.hub.clock,
        [this](const std::string&, const Error& error) { reports.push_back(error.code()); });
  }
  // The hub is killed and comes back from its log.
  void restart_hub() {
    port_.reset();
    world.hub.start();
    restart_port();
  }
  std::unique_ptr<FileLink> link(const std::string& agent, const std::string& side) {
    FileLinkOptions options;
    options.agent = agent;
    options.out = dir() / (side + "-out");
    options.in = dir() / (side + "-in");
    options.files = {dir() / (agent + ".crt"), dir() / (agent + ".key"), world.ca.certificate(), {}};
    options.hub_certificate = dir() / "hub.crt";
    return std::make_unique<FileLink>(options, world.hub.clock, world.hub.random, [this](Micros time) { turn(time); });
  }
  void turn(Micros time) {
    world.hub.clock.advance(time);
    gateway_.turn(world.hub.clock.steady());
    if (hook) hook();
    port_->turn();
  }
  void provider_by_files() { world.provider_link.use(link("commerce-01", "p")); }
  void subscriber_by_files() { world.subscriber_link.use(link("tax-01", "s")); }
  Gateway& gateway() { return gateway_; }

  CutWorld world;
  std::function<void()> hook;
  std::vector<std::string> reports;

 private:
  Gateway gateway_;
  std::unique_ptr<hub::FilePort> port_;
};

void converge(FileExchange& exchange) {
  CutWorld& world = exchange.world;
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 3; ++i) world.seal_one();
    CHECK(world.send_all() != 0);
    CHECK(world.take_all() != 0);
    CHECK(world.log_difference().empty());
    CHECK(world.target_difference().empty());
  }
  CHECK(world.newest_applied().upserted() == world.granted_rows);
  CHECK(exchange.gateway().found().empty());
}

}  // namespace

TEST_CASE("rows and receipts pass a gateway exactly once, whichever side is behind it A22 P37", "[files]") {
  const int seed = GENERATE(1, 2, 3);
  FileExchange exchange(static_cast<std::uint64_t>(seed), {10, 25, 30, 5, 5, 4 * gateway_minute});
  SECTION("the provider") { exchange.provider_by_files(); }
  SECTION("the subscriber") { exchange.subscriber_by_files(); }
  SECTION("both") {
    exchange.provider_by_files();
    exchange.subscriber_by_files();
  }
  converge(exchange);
  CHECK(exchange.gateway().damaged() > 0);
}

TEST_CASE("a hub that restarts while files are under way loses and doubles nothing R5.1", "[files]") {
  FileExchange exchange(7, {5, 20, 20, 0, 0, 2 * gateway_minute});
  exchange.world.server->stop();
  exchange.provider_by_files();
  exchange.subscriber_by_files();
  int turns = 0;
  int restarts = 0;
  exchange.hook = [&] {
    if (++turns % 97 != 0) return;
    ++restarts;
    exchange.restart_hub();
  };
  converge(exchange);
  CHECK(restarts > 5);
}

TEST_CASE("a hub that lost its memory of conversations notices the gap, and nothing is lost", "[files]") {
  FileExchange exchange(8, {});
  exchange.provider_by_files();
  exchange.subscriber_by_files();
  converge(exchange);
  std::filesystem::remove_all(exchange.dir() / "kept");
  exchange.restart_port();
  converge(exchange);
  CHECK(std::count(exchange.reports.begin(), exchange.reports.end(), "QZ-LINK-126") == 2);
}

TEST_CASE("a department that was enabled only until now sends nothing more A16", "[files]") {
  FileExchange exchange(9, {});
  exchange.provider_by_files();
  converge(exchange);
  exchange.world.hub.change_directory([](Directory& directory) { directory.agents["commerce-01"].enabled = false; });
  exchange.world.seal_one();
  try {
    exchange.world.uplink->run_once();
    FAIL("it was sent");
  } catch (const Error& error) {
    CHECK(error.code() == "QZ-LINK-010");
  }
}

TEST_CASE("how many files and octets a backlog takes", "[files]") {
  FileExchange exchange(10, {});
  exchange.provider_by_files();
  exchange.subscriber_by_files();
  for (int i = 0; i < 500; ++i) exchange.world.seal_one();
  const std::size_t before = exchange.gateway().files();
  CHECK(exchange.world.send_all() != 0);
  const std::size_t sent = exchange.gateway().files() - before;
  CHECK(exchange.world.take_all() != 0);
  const std::size_t taken = exchange.gateway().files() - before - sent;
  std::printf("500 batches: %zu files up and back, %zu down and back, %llu octets in all\n", sent, taken,
              static_cast<unsigned long long>(exchange.gateway().octets()));
  CHECK(sent <= 6);
  CHECK(taken <= 20);
  CHECK(exchange.world.target_difference().empty());
}

}  // namespace qianzhi::test
