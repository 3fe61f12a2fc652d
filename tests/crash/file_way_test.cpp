// The whole way with the shipped programs where a department reaches the hub by files only: a gateway of the test
// carries them, and does what gateways do.
#include <catch2/catch.hpp>

#include <signal.h>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

crash::Choice behind_gateway(std::set<Who> who) {
  crash::Choice choice;
  choice.by_files = std::move(who);
  choice.faults = {5, 20, 30, 2, 2, 400'000};
  return choice;
}

// Nothing of a row, of who it is about, or of the topic.
void look_for_rows(Exchange& exchange) {
  exchange.gateway().seek({"commerce.", "registration", "enterprise", "440103", "440104", "urn:qianzhi"});
}

}  // namespace

TEST_CASE("A22 rows converge where one department is behind a gateway and the other one is not") {
  Exchange exchange(behind_gateway({GENERATE(Who::commerce, Who::tax)}));
  look_for_rows(exchange);
  exchange.begin(5);
  const std::int64_t first = exchange.last_event() + 1;
  for (int i = 0; i < 30; ++i) exchange.change();
  exchange.await_rest();
  CHECK(exchange.wrong_history(first).empty());
  CHECK(exchange.gateway().found().empty());
  CHECK(exchange.gateway().files() > 10);
  const crash::Output status = exchange.ask(Who::hub, {"status"});
  INFO(status.text);
  CHECK(status.exit == 0);
  CHECK(status.text.find("已答复 answered") != std::string::npos);
}

TEST_CASE("R5.1 programs behind a gateway are killed, and nothing is lost or doubled") {
  Exchange exchange(behind_gateway({Who::commerce, Who::tax}));
  exchange.begin(3);
  const std::int64_t first = exchange.last_event() + 1;
  for (const Who who : {Who::hub, Who::commerce, Who::tax}) {
    for (int i = 0; i < 10; ++i) exchange.change();
    exchange.kill(who);
    exchange.start(who);
  }
  exchange.await_rest();
  CHECK(exchange.wrong_history(first).empty());
}

TEST_CASE("A2 a hub that dies at any step of a file answers it once it is back") {
  const std::string point = GENERATE("file.before_keep", "file.after_keep", "file.after_publish");
  INFO(point);
  Exchange exchange(behind_gateway({Who::commerce}));
  exchange.make_source();
  exchange.make_target();
  exchange.start(Who::commerce);
  exchange.start(Who::tax);
  exchange.start(Who::hub, point + "#4");
  for (int i = 0; i < 10; ++i) exchange.change();
  CHECK(exchange.await_killed(Who::hub, [] {}) == SIGKILL);
  exchange.start(Who::hub);
  exchange.await_rest();
}

TEST_CASE("S3.2 `check` tells a wrong certificate of the hub, and an agent stops in time while it waits") {
  Exchange exchange(behind_gateway({Who::tax}));
  exchange.make_source();
  exchange.make_target();
  exchange.start(Who::commerce);
  exchange.start(Who::tax);
  exchange.await("a file of the agent",
                 [&] { return exchange.page(Who::tax).is_reached && exchange.gateway().files() > 0; });
  exchange.stop(Who::tax);
  std::filesystem::copy_file(exchange.file("pki/tax-01.crt"), exchange.file("pki/hub.crt"),
                             std::filesystem::copy_options::overwrite_existing);
  const crash::Output checked = exchange.ask(Who::tax, {"check"});
  INFO(checked.text);
  CHECK(checked.exit == 78);
  CHECK(checked.text.find("QZ-LINK-018") != std::string::npos);
}
