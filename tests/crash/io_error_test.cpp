// A3, P36: one call on a store fails once with EIO, and the store's file then works again as if nothing had been. What
// was written and not synced is gone. The program must end before it acknowledges anything, and say what to do.
#include <catch2/catch.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

// QIANZHI_FAULTS: fails the 1st, 2nd ... up to this call. Otherwise some of the first fifty.
std::vector<int> numbers() {
  int last = 0;
  if (const char* text = std::getenv("QIANZHI_FAULTS")) std::from_chars(text, text + std::strlen(text), last);
  if (last == 0) return {1, 2, 4, 9, 23, 50};
  std::vector<int> all;
  for (int number = 1; number <= last; ++number) all.push_back(number);
  return all;
}

std::string store_of(Who who) { return who == Who::hub ? "hub.db" : crash::name_of(who) + "-queue.db"; }

std::vector<std::string> fault(Exchange& exchange, const std::string& file, const std::string& call, int number) {
  return {"LD_PRELOAD=" QIANZHI_FAULT_LIBRARY, "QIANZHI_FAULT_FILE=/" + file, "QIANZHI_FAULT_CALL=" + call,
          "QIANZHI_FAULT_AT=" + std::to_string(number), "QIANZHI_FAULT_NOTE=" + exchange.file("fault.note").string()};
}

std::string log_of(Exchange& exchange, Who who) { return crash::text_of(exchange.file(crash::name_of(who) + ".log")); }

void strike(Exchange& exchange, Who who, const std::string& file, const std::string& call, int number) {
  INFO("the call number " << number << " of " << call << " on " << file);
  exchange.stop(who);
  std::filesystem::remove(exchange.file("fault.note"));
  exchange.set_environment(who, fault(exchange, file, call, number));
  const std::size_t logged = log_of(exchange, who).size();
  int struck_changes = 0;
  exchange.start(who);
  const crash::Ending ending = exchange.await_end(who, [&] {
    exchange.change();
    // A program that goes on after it fails this test at once.
    const bool struck = std::filesystem::exists(exchange.file("fault.note"));
    if (struck && ++struck_changes > 200) throw std::runtime_error("it goes on: " + log_of(exchange, who));
  });
  REQUIRE(crash::text_of(exchange.file("fault.note")).find(call) == 0);
  CHECK(ending.signal == 0);
  CHECK(ending.exit > 0);
  const std::string words = log_of(exchange, who).substr(logged);
  INFO(words);
  CHECK(words.find("QZ-SQL-003") != std::string::npos);
  CHECK(words.find("check the disk, the next start verifies the file") != std::string::npos);
  exchange.set_environment(who, {});
  exchange.start(who);
  // What it had not begun to use was closed in order.
  if (words.find(who == Who::hub ? "listening" : "runs; status page") != std::string::npos)
    exchange.await("the store verified", [&] {
      return log_of(exchange, who).find("was not closed in order: verified", logged) != std::string::npos;
    });
  exchange.change();
  exchange.await_rest();
}

void fail_each(Who who, const std::string& suffix, const std::vector<std::string>& calls,
               const std::vector<int>& which = numbers()) {
  Exchange exchange;
  exchange.begin(1);
  const std::int64_t first = exchange.last_event() + 1;
  int struck = 0;
  for (const std::string& call : calls)
    for (const int number : which) {
      strike(exchange, who, store_of(who) + suffix, call, number);
      ++struck;
    }
  CHECK(exchange.wrong_history(first).empty());
  CHECK(exchange.ask(Who::tax, {"quarantine", "list"}).text.find("QZ-") == std::string::npos);
  std::printf("%s%s: %d faults\n", store_of(who).c_str(), suffix.c_str(), struck);
}

}  // namespace

TEST_CASE("A3 P36 a sync or write of the agent's store fails once: it ends, and each row arrives exactly once",
          "[eio]") {
  fail_each(Who::commerce, "-wal", {"fdatasync", "pwrite"});
}

// Only checkpoints write there; SQLite itself would drop the error.
TEST_CASE("A3 P36 a sync or write in a checkpoint of the agent's store fails once: it ends", "[eio]") {
  fail_each(Who::commerce, "", {"fdatasync", "pwrite"}, {1, 2});
}

TEST_CASE("A3 P36 a sync or write in a checkpoint of the hub's store fails once: it ends", "[eio]") {
  fail_each(Who::hub, "", {"fdatasync", "pwrite"}, {1, 2});
}

TEST_CASE("A3 a write of a target's file fails: its agent lives, says so and goes on", "[eio]") {
  Exchange exchange;
  exchange.begin(1);
  const std::int64_t first = exchange.last_event() + 1;
  exchange.stop(Who::tax);
  // An adapter gets no environment of its agent's: its program is wrapped.
  const std::filesystem::path folder = exchange.file("adapters");
  std::filesystem::create_directory(folder);
  const std::filesystem::path program = folder / "qianzhi-adapter-sqlite";
  std::ofstream script(program);
  script << "#!/bin/sh\n";
  for (const std::string& variable : fault(exchange, "tax.db-wal", "pwrite", 40))
    script << "export " << variable << "\n";
  script << "exec " QIANZHI_PROGRAMS "/qianzhi-adapter-sqlite \"$@\"\n";
  script.close();
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  std::ofstream(exchange.config(Who::tax), std::ios::app) << "adapters: " << folder.string() << "\n";
  exchange.start(Who::tax);
  exchange.await("the fault", [&] {
    exchange.change();
    return std::filesystem::exists(exchange.file("fault.note"));
  });
  exchange.await_rest();
  CHECK(log_of(exchange, Who::tax).find("deliver received: QZ-") != std::string::npos);
  CHECK(log_of(exchange, Who::tax).find("the queue file failed") == std::string::npos);
  CHECK(exchange.wrong_history(first).empty());
}

TEST_CASE("A3 P36 a sync or write of the hub's store fails once: it ends, and each row arrives exactly once", "[eio]") {
  fail_each(Who::hub, "-wal", {"fdatasync", "pwrite"});
}
