// Requests and answers (核验) by the shipped programs and their public commands, beginning with an empty hub.
#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include "tests/crash/bureaus.h"

using namespace qianzhi;
using crash::asking_agent;
using crash::Bureaus;
using crash::NewExchange;
using crash::Output;
using crash::person_service;
using crash::stated_basis;
using crash::stated_purpose;

namespace {

Poco::JSON::Object::Ptr provider_of(const Poco::JSON::Object::Ptr& inquiry, unsigned index) {
  return inquiry->getArray("providers")->getObject(index);
}

}  // namespace

TEST_CASE("S4.3 S2.8 one request goes to seven departments at once and comes back as one answer") {
  Bureaus city(7);
  NewExchange& exchange = city.exchange;
  exchange.database("bureau-03").run("DELETE FROM person");
  exchange.stop("bureau-07");
  std::vector<std::string> words = city.question("11010519491231002X", "张三");
  words.insert(words.end(), {"--json", "--within", "3s"});
  const Output asked = exchange.on(asking_agent, words);
  CHECK(asked.exit == 1);  // one has not answered
  const auto inquiry = city.json(asked);
  CHECK(inquiry->getValue<std::string>("case") == "粤A-2006-1");
  REQUIRE(inquiry->getArray("providers")->size() == 7);
  for (unsigned i = 0; i < 6; ++i) {
    const auto provider = provider_of(inquiry, i);
    CHECK(provider->getValue<std::string>("provider") == city.names[i]);
    CHECK(provider->getValue<std::string>("state") == "answered");
    const auto answer = provider->getArray("answers")->getObject(0);
    CHECK(answer->getValue<std::string>("verdict") == (i == 2 ? "not_found" : "found"));
    if (i == 2) continue;
    const auto row = answer->getArray("rows")->getObject(0);
    CHECK(row->getValue<std::string>("has_standing") == "true");
    CHECK(row->getValue<std::string>("record_number") == city.names[i] + "-1");
  }
  CHECK(provider_of(inquiry, 6)->getValue<std::string>("state") == "expired");
  // Nothing of it can be read at the hub, and its trail says who asked whom, and why.
  std::ifstream box(exchange.file("hub-parcels.db"), std::ios::binary);
  const std::string octets((std::istreambuf_iterator<char>(box)), std::istreambuf_iterator<char>());
  CHECK(octets.find("11010519491231002X") == std::string::npos);
  const std::string trail = exchange.hub_says({"audit"});
  CHECK(trail.find("request.ask") != std::string::npos);
  CHECK(trail.find("request.answer") != std::string::npos);
  CHECK(trail.find(stated_purpose) != std::string::npos);
  CHECK(trail.find("11010519491231002X") == std::string::npos);
}

TEST_CASE("S4.3 who was away answers when it returns, and an appeal is linked to the first check") {
  Bureaus city(1);
  NewExchange& exchange = city.exchange;
  exchange.stop("bureau-01");
  std::vector<std::string> words = city.question("11010519491231002X", "李四");
  words.insert(words.end(), {"--no-wait", "--within", "1h"});
  const std::string first = crash::last_line(exchange.says(asking_agent, words));
  CHECK(city.json(exchange.on(asking_agent, {"request", "show", first, "--json"}))->getValue<bool>("over") == false);
  exchange.kill_hub();
  exchange.start_hub();
  exchange.start("bureau-01");
  exchange.await("the answer", [&] {
    return city.json(exchange.on(asking_agent, {"request", "show", first, "--json"}))->getValue<bool>("over");
  });
  const auto told = city.json(exchange.on(asking_agent, {"request", "show", first, "--json"}));
  CHECK(provider_of(told, 0)->getArray("answers")->getObject(0)->getValue<std::string>("verdict") == "not_found");
  // He proves that his record was missing: it is entered, and he is checked again.
  exchange.database("bureau-01").run("INSERT INTO person VALUES('11010519491231002X', '李四', 0, NULL, 'new')");
  words = city.question("11010519491231002X", "李四");
  words.insert(words.end(), {"--json", "--appeal", first});
  const Output second = exchange.on(asking_agent, words);
  CHECK(second.exit == 0);
  const auto again = city.json(second);
  CHECK(again->getValue<std::string>("appeal") == first);
  const auto answer = provider_of(again, 0)->getArray("answers")->getObject(0);
  CHECK(answer->getArray("rows")->getObject(0)->getValue<std::string>("has_standing") == "false");
  CHECK(exchange.hub_says({"audit"}).find("appeal") != std::string::npos);
}

TEST_CASE("A25 S2.6 who has no grant, another purpose or a hostile value is told so and gets nothing") {
  Bureaus city(1);
  NewExchange& exchange = city.exchange;
  const auto verdict = [&](const std::string& number, const std::string& name) {
    std::vector<std::string> words = city.question(number, name);
    words.emplace_back("--json");
    const auto inquiry = city.json(exchange.on(asking_agent, words));
    return provider_of(inquiry, 0)->getArray("answers")->getObject(0)->getValue<std::string>("verdict");
  };
  // Before anybody asks its DBA sees what the database says of the questions: no more than a warning.
  const Output looked = exchange.on("bureau-01", {"check", "--live"});
  CAPTURE(looked.text);
  CHECK(looked.exit == 0);
  CHECK(looked.text.find("answers own") != std::string::npos);
  CHECK(looked.text.find("source own") == std::string::npos);
  CHECK(verdict("11010519491231002X", "张三") == "found");
  CHECK(verdict("11010519491231002X", "张%") == "not_found");
  CHECK(verdict("11010519491231002X", "' OR '1'='1") == "not_found");
  CHECK(verdict("11010519491231002X; DROP TABLE person", "张三") == "invalid");  // longer than the item
  CHECK(verdict("11010519491231002X", "") == "invalid");
  CHECK(exchange.database("bureau-01").rows("SELECT count(*) FROM person")[0] == "1|");
  std::vector<std::string> words = city.question("11010519491231002X", "张三");
  words[5] = "招揽客户";
  CHECK(exchange.on(asking_agent, words).text.find("QZ-AGT-152") != std::string::npos);
  words = city.question("11010519491231002X", "张三");
  words.erase(words.begin() + 3);
  CHECK(exchange.on(asking_agent, words).text.find("QZ-AGT-150") != std::string::npos);
  // The right ends: nothing more is asked.
  const std::string grants = exchange.hub_says({"grant", "list"});
  exchange.hub_says({"grant", "remove", grants.substr(0, grants.find('\t')), "--reason", "测试"});
  exchange.await_connected(asking_agent);
  CHECK(exchange.on(asking_agent, city.question("11010519491231002X", "张三")).text.find("QZ-AGT-151") !=
        std::string::npos);
}

TEST_CASE("S2.8 20,000 checks of a list are answered in its order, those that fail among them") {
  Bureaus city(1);
  NewExchange& exchange = city.exchange;
  constexpr int count = 20'000;
  std::string text = "BEGIN;";
  std::ofstream list(exchange.file("list.csv"));
  list << "person_name,citizen_number\r\n";
  for (int i = 0; i < count; ++i) {
    const std::string number = "44010419" + std::to_string(1'000'000'000 + i);
    list << "申请人" << i << "," << number << "\r\n";
    // About 24 % are rejected, and a few are not known.
    if (i % 1000 != 7)
      text += "INSERT INTO person VALUES('" + number + "', '申请人" + std::to_string(i) + "', " +
              (i % 25 < 6 ? "0" : "1") + ", NULL, '" + std::to_string(i) + "');";
  }
  list.close();
  exchange.database("bureau-01").run(text + "COMMIT");
  const Output asked =
      exchange.on(asking_agent, {"ask", person_service, "--csv", exchange.file("list.csv"), "--out",
                                 exchange.file("answers.csv"), "--purpose", stated_purpose, "--basis", stated_basis});
  INFO(asked.text);
  REQUIRE(asked.exit == 0);
  std::ifstream answers(exchange.file("answers.csv"));
  std::string line;
  std::getline(answers, line);
  CHECK(line.find("citizen_number,person_name,provider,state,verdict,has_standing,reason,record_number,code") == 0);
  int rows = 0;
  int rejected = 0;
  int unknown = 0;
  bool in_order = true;
  while (std::getline(answers, line)) {
    if (line.empty() || line == "\r") continue;
    in_order = in_order && line.find(",申请人" + std::to_string(rows) + ",") != std::string::npos;
    rejected += line.find(",found,false,") != std::string::npos ? 1 : 0;
    unknown += line.find(",not_found,") != std::string::npos ? 1 : 0;
    ++rows;
  }
  CHECK(rows == count);
  CHECK(in_order);
  CHECK(unknown == 20);
  CHECK(rejected == 4800);
}
