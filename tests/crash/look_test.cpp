// A look changes nothing: check --live, plan repair and sample as root, byte by byte.
#include <Poco/JSON/Parser.h>
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <functional>

#include "tests/crash/verdict.h"

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

// What a verb answers with --json, as it is written.
std::string json(Exchange& exchange, std::vector<std::string> words) {
  words.emplace_back("--json");
  const crash::Output output = exchange.ask(Who::commerce, std::move(words));
  INFO(output.text);
  CHECK(output.exit == 0);
  CHECK_NOTHROW(Poco::JSON::Parser().parse(output.text));
  return output.text;
}

bool answer_has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Each verb that looks has fields of its own.
void look_as_program(Exchange& exchange) {
  const std::string checked = json(exchange, {"check", "--live"});
  CHECK(answer_has(checked, "{\"errors\":0,"));
  CHECK(answer_has(checked,
                   "\"live\":[{\"step\":\"source\",\"text_zh\":\"数据源 business\",\"text_en\":\"source business\","));
  CHECK(answer_has(checked, "{\"step\":\"hub\","));
  const std::string plan = json(exchange, {"plan", "uninstall"});
  CHECK(answer_has(plan, "[{\"database\":\"business\",\"side\":\"source\",\"type\":\""));
  CHECK(answer_has(plan, "\"part\":\"uninstall\",\"script\":\""));
  const std::string sample = json(exchange, {"sample", crash::firms_topic});
  CHECK(answer_has(sample, "{\"operation\":\"sent\",\"group\":\"440"));
  CHECK(answer_has(sample, "{\"item\":\"registration_number\",\"title\":\""));
  CHECK_FALSE(answer_has(sample, "440103\",\"values\":[]"));
  const std::string tables = json(exchange, {"tables"});
  CHECK(answer_has(tables, "\"source\":\"business\","));
  CHECK(answer_has(tables, "enterprise\",\"key\":[\"reg_no\"],"));
  CHECK(exchange.ask(Who::commerce, {"tables"}).text.find("enterprise") != std::string::npos);
  const std::string waiting = json(exchange, {"queue", "ls"});
  CHECK(answer_has(waiting, std::string("{\"topic\":\"") + crash::firms_topic + "\",\"batches\":0,\"rows\":0,"));
  const std::string verified = json(exchange, {"queue", "verify"});
  CHECK(answer_has(verified, "{\"good\":true,"));
  CHECK_FALSE(answer_has(verified, "\"batches\":0,"));
}

// Its middle is overwritten, as a bad disk would.
void damage(const std::filesystem::path& file) {
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file));
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(size / 4);
  stream << std::string(static_cast<std::size_t>(size / 2), 'x');
  REQUIRE(stream.good());
}

void look(Exchange& exchange) {
  const crash::Output checked = exchange.ask(Who::commerce, {"check", "--live"});
  INFO(checked.text);
  CHECK(checked.exit == 0);
  CHECK(exchange.ask(Who::commerce, {"plan", "repair"}).exit == 0);
  CHECK(exchange.ask(Who::commerce, {"sample", crash::firms_topic}).exit == 0);
  look_as_program(exchange);
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

TEST_CASE("E2 E4 a look at a department leaves files and SQLite database as they were, and finds a damaged queue") {
  Exchange exchange;
  exchange.begin(6);
  look_into_bundle(exchange, Who::hub, {"pki/hub.key", "pki/directory.key"});
  look_into_bundle(exchange, Who::commerce, {"pki/commerce-01-signing.key"});
  exchange.stop(Who::commerce);
  // Else the first who leaves the database does what its own application would do next.
  exchange.rows(Who::commerce, "PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string before = files_of(exchange);
  CHECK(before.find("commerce-queue.db") != std::string::npos);
  look(exchange);
  CHECK(files_of(exchange) == before);
  damage(exchange.file("commerce-queue.db"));
  const crash::Output damaged = exchange.ask(Who::commerce, {"queue", "verify"});
  INFO(damaged.text);
  CHECK(damaged.exit == 1);
  CHECK(damaged.text.find("QZ-") != std::string::npos);
}

TEST_CASE(
    "E2 E5 a PostgreSQL source that is down is told, comes back by itself, and a look at it leaves all as it was") {
  Choice choice = crash::choice_of("log");
  choice.postgresql = true;
  Exchange exchange(choice);
  exchange.begin(6);
  const crash::Told down{"retrying", "QZ-PG-"};
  crash::check_told(exchange, down, [&] { exchange.server(Who::commerce).stop(); });
  crash::check_cured(exchange, down, [&] { exchange.server(Who::commerce).start(); });
  exchange.change();
  exchange.await_rest();
  exchange.stop(Who::commerce);
  const test::TempDir folder;
  const std::string files = files_of(exchange);
  const std::string dump = dump_of(exchange, folder / "dump");
  CHECK(dump.find("enterprise") != std::string::npos);
  look(exchange);
  CHECK(files_of(exchange) == files);
  CHECK(dump_of(exchange, folder / "dump") == dump);
}
