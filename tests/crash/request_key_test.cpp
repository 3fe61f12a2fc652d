// Requests and answers of the shipped programs while departments enrol anew, and through gateways on both sides.
#include <catch2/catch.hpp>

#include <signal.h>

#include <filesystem>
#include <fstream>

#include "tests/crash/new_exchange.h"
#include "tests/support/gateway.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;
using crash::NewExchange;

namespace {

constexpr char asked_service[] = "check.person_standing";
constexpr char answering_agent[] = "bureau-01";
constexpr char inquiring_agent[] = "transport-01";
constexpr int death_s = 60;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

void rewrite(const std::string& file, const std::string& from, const std::string& to) {
  const std::string text = replaced(crash::text_of(file), from, to);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

// One who asks and one who answers; none of them runs yet.
struct TwoDepartments {
  TwoDepartments() : exchange(catalogue()) {
    exchange.enrol(answering_agent, "dept_01",
                   "sources:\n  own: {type: sqlite, file: bureau-01.db, capture: journal}\nanswers:\n"
                   "  - service: check.person_standing\n    source: own\n    table: person\n"
                   "    match: {citizen_number: id_no, person_name: name}\n"
                   "    items: {has_standing: ok, record_number: no}\n");
    exchange.enrol(inquiring_agent, "transport", "");
    crash::Database& database = exchange.database(answering_agent);
    database.run(
        "CREATE TABLE person(id_no TEXT, name TEXT, ok BOOLEAN, reason TEXT, no TEXT, PRIMARY KEY(id_no, name))");
    database.run("INSERT INTO person VALUES('11010519491231002X', '张三', 1, NULL, 'n-1')");
    exchange.hub_says({"provision", "add", asked_service, answering_agent});
    exchange.hub_says({"grant", "add", asked_service, "transport", "--purpose", "小客车指标资格审核", "--basis",
                       "小客车指标调控管理办法第十条"});
  }
  std::filesystem::path catalogue() {
    std::filesystem::copy(QIANZHI_SOURCE_DIR "/conf/catalogue", dir / "catalogue",
                          std::filesystem::copy_options::recursive);
    std::filesystem::copy(QIANZHI_SOURCE_DIR "/conf/examples/services.yaml", dir / "catalogue");
    return dir / "catalogue";
  }
  crash::Output ask() {
    return exchange.on(inquiring_agent, {"ask", asked_service, "citizen_number=11010519491231002X", "person_name=张三",
                                         "--purpose", "小客车指标资格审核", "--basis", "小客车指标调控管理办法第十条",
                                         "--no-wait", "--within", "1h"});
  }
  std::string asked() {
    const crash::Output output = ask();
    if (output.exit != 0) throw std::runtime_error(output.text);
    return crash::last_line(output.text);
  }
  std::string told(const std::string& id) {
    return exchange.on(inquiring_agent, {"request", "show", id, "--json"}).text;
  }
  bool is_found(const std::string& id) {
    const std::string text = told(id);
    return text.find("\"found\"") != std::string::npos && text.find("n-1") != std::string::npos;
  }
  // With new keys in another folder; the queue and its key stay.
  void enrol_anew(const std::string& agent) {
    const std::string token = exchange.hub_says({"agent", "token", agent});
    const std::string folder = exchange.file(agent + "-anew");
    const crash::Output output = exchange.qianzhi({"enrol", token.substr(0, token.find('\n')), "--out", folder});
    if (output.exit != 0) throw std::runtime_error(output.text);
    for (const char* name :
         {"tls.pem", "signing.key", "encryption.key", "trust.crt", "directory.pub", "directory-root.pub"})
      rewrite(exchange.file(agent + ".yaml"), exchange.file(agent + "/" + name), folder + "/" + name);
  }

  test::TempDir dir;
  NewExchange exchange;
};

}  // namespace

TEST_CASE("A16 E5 departments enrol anew while requests wait, and are killed as they start: all is answered and read") {
  TwoDepartments city;
  NewExchange& exchange = city.exchange;
  for (const char* agent : {answering_agent, inquiring_agent}) exchange.start(agent);
  for (const char* agent : {answering_agent, inquiring_agent}) exchange.await_connected(agent);
  const std::string first = city.asked();
  exchange.await("the first answer", [&] { return city.is_found(first); });

  // One waits at the hub, sealed to the key that the provider has until then.
  exchange.stop(answering_agent);
  const std::string second = city.asked();
  city.enrol_anew(answering_agent);
  for (const char* point : {"store.before_commit#2", "store.after_commit#2"}) {
    INFO(point);
    exchange.start(answering_agent, point);
    CHECK(exchange.program(answering_agent).wait(death_s).signal == SIGKILL);
  }
  exchange.start(answering_agent);
  exchange.await("the second answer", [&] { return city.is_found(second); });

  // The other side as well: what it was told before stays readable, and what is under way arrives.
  exchange.stop(answering_agent);
  const std::string third = city.asked();
  exchange.stop(inquiring_agent);
  city.enrol_anew(inquiring_agent);
  for (const char* agent : {answering_agent, inquiring_agent}) exchange.start(agent);
  exchange.await("the third answer", [&] { return city.is_found(third); });
  CHECK(city.is_found(first));
  CHECK(city.is_found(second));

  // Of a provider whose store is lost the asker is told at once that he has to ask again.
  exchange.stop(answering_agent);
  const std::string lost = city.asked();
  exchange.await("the request at the hub", [&] { return city.told(lost).find("\"sent\"") != std::string::npos; });
  std::filesystem::rename(exchange.file("bureau-01-anew"), exchange.file("bureau-01-old"));
  city.enrol_anew(answering_agent);
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(exchange.file("bureau-01-queue.db") + end);
  exchange.start(answering_agent);
  exchange.await("the refusal", [&] { return city.told(lost).find("QZ-SEAL-108") != std::string::npos; });
}

TEST_CASE("A16 a provider exchanges its encryption key alone, is cut short and killed: nothing asked before is lost") {
  TwoDepartments city;
  NewExchange& exchange = city.exchange;
  for (const char* agent : {answering_agent, inquiring_agent}) exchange.start(agent);
  for (const char* agent : {answering_agent, inquiring_agent}) exchange.await_connected(agent);
  exchange.stop(answering_agent);
  const std::string waiting = city.asked();  // sealed to the key before
  const std::string key = exchange.file(std::string(answering_agent) + "/encryption.key");
  const std::string before = crash::text_of(key);
  const std::string rotated = exchange.says(answering_agent, {"rotate-key", "--encryption"});
  const std::string after = crash::text_of(key);
  CHECK(before != after);
  // Cut short once the hub had the new key: the file still holds the one before.
  std::filesystem::rename(key, key + ".next");
  std::ofstream(key, std::ios::binary) << before;
  std::filesystem::permissions(key, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  exchange.await_connected(inquiring_agent);
  const std::string early = city.asked();  // sealed to the new one, which is nowhere in force yet
  exchange.start(answering_agent);
  exchange.await("the first answer", [&] { return city.is_found(waiting); });
  CHECK(city.told(early).find("n-1") == std::string::npos);
  // The same again, while it runs, ends what was begun.
  const std::string again = exchange.says(answering_agent, {"rotate-key", "--encryption"});
  CHECK(again.find(rotated.substr(0, rotated.find('\n'))) != std::string::npos);
  CHECK(crash::text_of(key) == after);
  exchange.await("the second answer", [&] { return city.is_found(early); });
  // Killed as it first starts with the next key.
  exchange.stop(answering_agent);
  const std::string third = city.asked();
  exchange.says(answering_agent, {"rotate-key", "--encryption"});
  exchange.start(answering_agent, "store.before_commit#1");
  CHECK(exchange.program(answering_agent).wait(death_s).signal == SIGKILL);
  exchange.start(answering_agent);
  exchange.await("the third answer", [&] { return city.is_found(third); });
  CHECK(exchange.hub_says({"audit"}).find("encryption_key") != std::string::npos);
}

TEST_CASE("A22 S4.3 a request passes two gateways to the provider, and the answer back, by the shipped programs",
          "[.][long]") {
  TwoDepartments city;
  NewExchange& exchange = city.exchange;
  const SystemClock clock;
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> ways;
  std::string places;
  for (const std::string agent : {answering_agent, inquiring_agent}) {
    const auto folder = [&](const char* end) { return exchange.file(agent + end); };
    for (const char* end : {"-out", "-in", "-hub-in", "-hub-out"}) std::filesystem::create_directory(folder(end));
    ways.emplace_back(folder("-out"), folder("-hub-in"));
    ways.emplace_back(folder("-hub-out"), folder("-in"));
    places += "    - {agent: " + agent + ", in: " + folder("-hub-in") + ", out: " + folder("-hub-out") + "}\n";
    const std::string text = crash::text_of(exchange.file(agent + ".yaml"));
    const std::size_t url = text.find("  url:");
    rewrite(exchange.file(agent + ".yaml"), text.substr(url, text.find('\n', url) - url),
            "  directory: {out: " + folder("-out") + ", in: " + folder("-in") +
                ", hub_certificate: " + exchange.file("keys/hub.crt") + ", poll: 1s, timeout: 2m, repeat: 2s}");
  }
  exchange.stop_hub();
  rewrite(exchange.file("hub.yaml"), "hub:\n", "hub:\n  directories:\n" + places);
  exchange.start_hub();
  test::Gateway gateway(ways, 1, {10, 25, 30, 0, 0, 100'000});
  gateway.seek({"11010519491231002X", "urn:qianzhi", asked_service});
  for (const char* agent : {answering_agent, inquiring_agent}) exchange.start(agent);
  const auto turn = [&] { gateway.turn(clock.now()); };
  std::string id;
  exchange.await("a directory at who asks", [&] {
    turn();
    const crash::Output output = city.ask();
    if (output.exit == 0) id = crash::last_line(output.text);
    return !id.empty();
  });
  exchange.await("the answer", [&] {
    turn();
    return city.is_found(id);
  });
  CHECK(gateway.found().empty());
}
