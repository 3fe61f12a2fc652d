// A look changes nothing: check --live, plan repair and sample as root, byte by byte.
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <functional>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Choice;
using crash::Exchange;
using crash::Who;

namespace {

// Every file of commerce's agent and what stands beside it: place, inode, times, size, content. Not the hub's, which
// runs.
std::string files_of(Exchange& exchange) {
  std::string text;
  const std::filesystem::path folder = exchange.config(Who::commerce).parent_path();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    if (name.find("commerce") == std::string::npos || name.find("postgres") != std::string::npos) continue;
    // What SQLite keeps beside a file while it is open holds nothing of its own once all of it is in the file.
    if (name.find(".db-") != std::string::npos) continue;
    struct stat status {};
    REQUIRE(lstat(entry.path().c_str(), &status) == 0);
    text += name + " " + std::to_string(status.st_ino) + " " + std::to_string(status.st_size) + " " +
            std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec) + "\n";
    if (entry.is_regular_file()) text += std::to_string(std::hash<std::string>()(crash::text_of(entry.path()))) + "\n";
  }
  return text;
}

// What pg_dump tells of a database; its own random words left out.
std::string dump_of(Exchange& exchange, const std::filesystem::path& log) {
  std::filesystem::remove(log);
  const crash::Output output = crash::run(
      {test::postgres_program("pg_dump").string(), "--no-password", exchange.server(Who::commerce).dsn("commerce")},
      log);
  INFO(output.text);
  REQUIRE(output.exit == 0);
  std::string text;
  for (std::size_t at = 0; at < output.text.size();) {
    const std::size_t end = std::min(output.text.find('\n', at), output.text.size());
    const std::string line = output.text.substr(at, end - at);
    if (line.rfind("\\restrict", 0) != 0 && line.rfind("\\unrestrict", 0) != 0) text += line + "\n";
    at = end + 1;
  }
  return text;
}

void look(Exchange& exchange) {
  const crash::Output checked = exchange.ask(Who::commerce, {"check", "--live"});
  INFO(checked.text);
  CHECK(checked.exit == 0);
  CHECK(exchange.ask(Who::commerce, {"plan", "repair"}).exit == 0);
  CHECK(exchange.ask(Who::commerce, {"sample", crash::firms_topic}).exit == 0);
}

// What one of the running programs gives to whoever helps: nothing of a row, nothing of a key.
void look_into_bundle(Exchange& exchange, Who who, const std::vector<std::string>& keys) {
  const std::filesystem::path file = exchange.file(crash::name_of(who) + ".zip");
  // A line of each key got where it does not belong.
  std::string quoted;
  for (const std::string& key : keys) {
    const std::string text = crash::text_of(exchange.file(key));
    const std::size_t line = text.find('\n') + 1;
    REQUIRE(line > 1);
    quoted += "# " + text.substr(line, text.find('\n', line) - line) + "\n";
  }
  const std::string before = crash::text_of(exchange.config(who));
  std::ofstream(exchange.config(who), std::ios::app) << quoted;
  const crash::Output written = exchange.ask(who, {"bundle", "--out", file.string()});
  std::ofstream(exchange.config(who), std::ios::trunc) << before;
  INFO(written.text);
  CHECK(written.exit == 0);
  const crash::Output opened = crash::unpacked(file, exchange.file("opened.txt"));
  INFO(opened.text);
  CHECK(opened.exit == 0);
  CHECK(opened.text.find("== status.json") != std::string::npos);
  for (const std::string& key : keys) {
    const std::string text = crash::text_of(exchange.file(key));
    const std::size_t line = text.find('\n') + 1;
    const std::size_t end = text.find('\n', line);
    CHECK(opened.text.find(text.substr(line, end - line)) == std::string::npos);
  }
  for (const char* row : {"企业", "510000", "PRIVATE KEY"}) CHECK(opened.text.find(row) == std::string::npos);
}

}  // namespace

TEST_CASE("E2 a look at a department leaves its files and its SQLite database as they were") {
  Exchange exchange;
  exchange.begin(6);
  look_into_bundle(exchange, Who::hub, {"pki/hub.key", "pki/directory.key"});
  look_into_bundle(exchange, Who::commerce, {"pki/commerce-01-signing.key"});
  exchange.stop(Who::commerce);
  const std::string before = files_of(exchange);
  CHECK(before.find("commerce-queue.db") != std::string::npos);
  look(exchange);
  CHECK(files_of(exchange) == before);
}

TEST_CASE("E2 a look at a department leaves its files and its PostgreSQL database as they were") {
  Choice choice = crash::choice_of("log");
  choice.postgresql = true;
  Exchange exchange(choice);
  exchange.begin(6);
  exchange.stop(Who::commerce);
  const test::TempDir folder;
  const std::string files = files_of(exchange);
  const std::string dump = dump_of(exchange, folder / "dump");
  CHECK(dump.find("enterprise") != std::string::npos);
  look(exchange);
  CHECK(files_of(exchange) == files);
  CHECK(dump_of(exchange, folder / "dump") == dump);
}
