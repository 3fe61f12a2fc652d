// The configuration of a running agent is read again: another mapping is in force, a wrong file changes nothing.
#include <signal.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

constexpr char other[] = "{constant: \"999999\"}";  // where the postal code comes from

bool says(Exchange& exchange, const std::string& code) {
  const crash::Page page = exchange.page(Who::commerce);
  return page.is_reached && page.body.find(code) != std::string::npos;
}

}  // namespace

TEST_CASE("E5 P28 a running agent goes on with another mapping, and with nothing of a wrong file") {
  Exchange exchange;
  exchange.begin(12);
  const pid_t program = exchange.program(Who::commerce).id();

  std::ofstream(exchange.config(Who::commerce), std::ios::app) << "sources: [\n";
  exchange.program(Who::commerce).signal(SIGHUP);
  exchange.await("an agent that says so", [&] { return says(exchange, "QZ-AGT-129"); });
  const crash::Output refused = exchange.ask(Who::commerce, {"reload"});
  CHECK(refused.exit != 0);
  exchange.change();
  exchange.await_rest();
  CHECK(exchange.difference().empty());

  // What needs a restart is refused as well.
  exchange.write_commerce("postal");
  std::string text = crash::text_of(exchange.config(Who::commerce));
  text.replace(text.find("commerce-queue.db"), 17, "another-queue.db");
  std::ofstream(exchange.config(Who::commerce), std::ios::trunc) << text;
  exchange.program(Who::commerce).signal(SIGHUP);
  exchange.await("why", [&] { return says(exchange, "queue.path"); });

  exchange.write_commerce(other);
  const crash::Output dry = exchange.ask(Who::commerce, {"reload", "--dry-run"});
  CHECK(dry.exit == 0);
  CHECK(dry.text.find(".items.postal_code") != std::string::npos);
  CHECK(dry.text.find("整体补传") != std::string::npos);
  CHECK(exchange.ask(Who::commerce, {"reload", "--dry-run", "--json"}).text.find("\"applied\":false") !=
        std::string::npos);
  const crash::Output done = exchange.ask(Who::commerce, {"reload"});
  INFO(done.text);
  CHECK(done.exit == 0);
  // It answers when it is done, with what is another now.
  CHECK(done.text.find("已应用") != std::string::npos);
  CHECK(done.text.find(".items.postal_code") != std::string::npos);
  CHECK(exchange.ask(Who::commerce, {"reload", "--dry-run"}).text.find("没有变化") != std::string::npos);
  exchange.await("another mapping", [&] {
    return exchange.rows(Who::tax, "SELECT DISTINCT postal_code FROM firms") == std::vector<std::string>{"999999|"};
  });
  exchange.await("an agent that complains no more", [&] { return !says(exchange, "QZ-AGT-129"); });
  CHECK(exchange.program(Who::commerce).id() == program);
  CHECK_FALSE(exchange.program(Who::commerce).ended());

  // Back again, again and again while rows come.
  for (int i = 0; i < 4; ++i) {
    exchange.write_commerce(i % 2 == 0 ? "postal" : other);
    exchange.change();
    exchange.program(Who::commerce).signal(SIGHUP);
  }
  exchange.write_commerce("postal");
  exchange.program(Who::commerce).signal(SIGHUP);
  exchange.await_rest();
  CHECK(exchange.difference().empty());
  CHECK(exchange.wrong_history(1).empty());
}
