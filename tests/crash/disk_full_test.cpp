// A5, P38: no room for the store of the agent, or of the hub: on a tmpfs of 8 MiB in a name space of its own, or, also
// where that is not allowed, by ENOSPC for every write that would make the store's files grow.
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <functional>

#include "tests/crash/verdict.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

struct Disk {
  std::function<void()> fill;
  std::function<void()> make_room;
};

bool can_mount(const Exchange& exchange) {
  const crash::Output tried = crash::run(
      {"/usr/bin/unshare", "-rm", "/bin/sh", "-c", "mount -t tmpfs -o size=1m none \"$0\"", exchange.file("small")},
      exchange.file("mount.log"));
  if (tried.exit != 0) WARN("skipped: no tmpfs can be mounted here: " << tried.text);
  return tried.exit == 0;
}

Disk tmpfs(Exchange& exchange) {
  const auto file = [&exchange] { return exchange.small_file("filler"); };
  return {[file] {
            std::ofstream filler(file(), std::ios::binary);
            const std::string block(4096, 'x');
            while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) continue;
            REQUIRE(std::filesystem::space(file()).available == 0);
          },
          [file] { std::filesystem::remove(file()); }};
}

// To be made before the program starts.
Disk refusing(Exchange& exchange, Who who, const std::string& store) {
  const std::filesystem::path flag = exchange.file("full");
  exchange.set_environment(who, {"LD_PRELOAD=" QIANZHI_FAULT_LIBRARY, "QIANZHI_FAULT_FILE=/" + store,
                                 "QIANZHI_FAULT_FULL=" + flag.string()});
  return {[flag] { std::ofstream(flag) << "x"; }, [flag] { std::filesystem::remove(flag); }};
}

bool says(Exchange& exchange, Who who, const std::string& stage, const std::string& code) {
  const crash::Page page = exchange.page(who);
  return std::any_of(page.errors.begin(), page.errors.end(),
                     [&](const std::string& error) { return error.find(stage + ": " + code) == 0; });
}

void begin(Exchange& exchange) { exchange.begin(10); }

void end(Exchange& exchange, std::int64_t first) {
  exchange.await_rest();
  CHECK(exchange.wrong_history(first).empty());
  CHECK(exchange.page(Who::commerce).errors.empty());
}

// Nothing that was there is written anew in a full disk's log file only as long as that has room: some changes may
// pass.
void change_until(Exchange& exchange, const std::string& what, const std::function<bool()>& condition) {
  exchange.await(what, [&] {
    exchange.change();
    return condition();
  });
}

void fill_agent(Exchange& exchange, const Disk& disk) {
  const std::int64_t first = exchange.last_event() + 1;
  const crash::Told told{"failed", "QZ-SQL-002"};
  crash::check_told(exchange, told, [&] {
    disk.fill();
    change_until(exchange, "a page that says why",
                 [&] { return says(exchange, Who::commerce, "capture business", "QZ-SQL-002"); });
  });
  for (int i = 0; i < 20; ++i) exchange.change();
  const std::string sealed = exchange.page(Who::commerce).publications.at(crash::changes_topic).last;
  exchange.await("another try", [&] { return says(exchange, Who::commerce, "capture business", "QZ-SQL-002"); });
  CHECK(exchange.page(Who::commerce).publications.at(crash::changes_topic).last == sealed);
  CHECK_FALSE(exchange.difference().empty());
  crash::check_cured(exchange, told, disk.make_room);
  end(exchange, first);
}

void fill_hub(Exchange& exchange, const Disk& disk) {
  const std::int64_t first = exchange.last_event() + 1;
  disk.fill();
  change_until(exchange, "a page that says what the hub lacks",
               [&] { return says(exchange, Who::commerce, "uplink", "QZ-SQL-002"); });
  for (int i = 0; i < 20; ++i) exchange.change();
  // What it has, it still delivers.
  exchange.await("all that was receipted at the target", [&] {
    const crash::Page sent = exchange.page(Who::commerce);
    const crash::Page received = exchange.page(Who::tax);
    return sent.publications.at(crash::changes_topic).waiting_rows >= 20 &&
           received.lanes.at(crash::changes_topic).mark == sent.publications.at(crash::changes_topic).receipted;
  });
  disk.make_room();
  end(exchange, first);
}

crash::Choice on_small_disk(Who who) {
  crash::Choice choice;
  choice.small = who;
  return choice;
}

}  // namespace

TEST_CASE("A5 P38 E5 no room on the disk of the agent's store: capture pauses, says why and goes on by itself") {
  Exchange exchange(on_small_disk(Who::commerce));
  if (!can_mount(exchange)) return;
  begin(exchange);
  fill_agent(exchange, tmpfs(exchange));
}

TEST_CASE(
    "A5 P38 E5 no room for the agent's store, as its writes tell: capture pauses, says why and goes on by itself") {
  Exchange exchange;
  const Disk disk = refusing(exchange, Who::commerce, "commerce-queue.db");
  begin(exchange);
  fill_agent(exchange, disk);
}

TEST_CASE("A5 P38 no room for a row that is larger than the store's cache: full, and later in quarantine") {
  Exchange exchange;
  const Disk disk = refusing(exchange, Who::commerce, "commerce-queue.db");
  begin(exchange);
  disk.fill();
  // Too long for its item, so that it is set aside whole.
  exchange.sql("INSERT INTO enterprise SELECT 'LONG', hex(zeroblob(3000000)), NULL, '440103'");
  exchange.await("a page that says why", [&] {
    const crash::Page page = exchange.page(Who::commerce);
    for (const std::string& error : page.errors) REQUIRE(error.find("capture business: QZ-SQL-002") == 0);
    return !page.errors.empty();
  });
  disk.make_room();
  exchange.await("the row set aside", [&] {
    return exchange.ask(Who::commerce, {"quarantine", "list"}).text.find("LONG") != std::string::npos ||
           exchange.page(Who::commerce).body.find("\"quarantined\":\"1\"") != std::string::npos;
  });
  exchange.sql("DELETE FROM enterprise WHERE reg_no = 'LONG'");
  exchange.change();
  exchange.await_rest();
}

TEST_CASE("A5 P38 no room on the disk of the hub's store: posts are refused, and taken by itself when there is room") {
  Exchange exchange(on_small_disk(Who::hub));
  if (!can_mount(exchange)) return;
  begin(exchange);
  fill_hub(exchange, tmpfs(exchange));
}

TEST_CASE("A5 P38 no room for the hub's store, as its writes tell: posts are refused, and later taken by itself") {
  Exchange exchange;
  const Disk disk = refusing(exchange, Who::hub, "hub.db");
  begin(exchange);
  fill_hub(exchange, disk);
}

// Longer than a directory lives, in seconds instead of days.
TEST_CASE("A20 a directory that expires while the hub is away ends exchange and not capture", "[.][long]") {
  crash::Choice choice;
  choice.validity = "25s";
  Exchange exchange(choice);
  begin(exchange);
  exchange.kill(Who::hub);
  exchange.await("an expired directory", [&] { return exchange.page(Who::commerce).has_expired; });
  const std::int64_t first = exchange.last_event() + 1;
  for (int i = 0; i < 30; ++i) exchange.change();
  exchange.await("a queue of 30 events",
                 [&] { return exchange.page(Who::commerce).publications.at(crash::changes_topic).waiting_rows == 30; });
  exchange.stop(Who::commerce);
  exchange.start(Who::commerce);
  for (int i = 0; i < 10; ++i) exchange.change();
  exchange.await("a queue of 40 events", [&] {
    const crash::Page page = exchange.page(Who::commerce);
    return page.is_reached && page.publications.at(crash::changes_topic).waiting_rows == 40;
  });
  exchange.start(Who::hub);
  end(exchange, first);
}
