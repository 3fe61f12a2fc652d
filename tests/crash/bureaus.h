// Bureaus that answer requests about persons, and one agent that asks them, by the shipped programs.
#pragma once

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/crash/new_exchange.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::crash {

inline constexpr char person_service[] = "check.person_standing";
inline constexpr char stated_purpose[] = "小客车指标资格审核";
inline constexpr char stated_basis[] = "小客车指标调控管理办法第十条";
inline constexpr char asking_agent[] = "transport-01";

// The shipped catalogue and the example of services beside it.
struct ServiceCatalogue {
  ServiceCatalogue() {
    std::filesystem::copy(QIANZHI_SOURCE_DIR "/conf/catalogue", dir / "catalogue",
                          std::filesystem::copy_options::recursive);
    std::filesystem::copy(QIANZHI_SOURCE_DIR "/conf/examples/services.yaml", dir / "catalogue");
  }
  test::TempDir dir;
};

inline std::string answering(const std::string& agent, const std::string& more = {}) {
  return "sources:\n  own: {type: sqlite, file: " + agent +
         ".db, capture: journal}\nanswers:\n  - service: check.person_standing\n    source: own\n    table: person\n"
         "    match: {citizen_number: id_no, person_name: name}\n    items: {has_standing: ok, record_number: no}\n" +
         more;
}

struct Bureaus {
  // asking: sources, targets and asks of the asking agent; prepare: what is to be done before it starts.
  explicit Bureaus(int providers, const std::string& asking = {}, const std::function<void(NewExchange&)>& prepare = {})
      : exchange(catalogue.dir / "catalogue") {
    for (int i = 1; i <= providers; ++i) add_provider("bureau-0" + std::to_string(i));
    exchange.enrol(asking_agent, "transport", asking);
    if (prepare) prepare(exchange);
    exchange.hub_says(
        {"grant", "add", person_service, "transport", "--purpose", stated_purpose, "--basis", stated_basis});
    for (const std::string& provider : names) exchange.start(provider);
    exchange.start(asking_agent);
    exchange.await_connected(asking_agent);
    for (const std::string& provider : names) exchange.await_connected(provider);
  }
  void add_provider(const std::string& name) {
    exchange.enrol(name, "dept_" + name.substr(name.size() - 2), answering(name));
    Database& database = exchange.database(name);
    database.run("CREATE TABLE person(id_no TEXT, name TEXT, ok BOOLEAN, reason TEXT, no TEXT)");
    database.run("CREATE UNIQUE INDEX person_key ON person(id_no, name)");
    database.run("INSERT INTO person VALUES('11010519491231002X', '张三', 1, NULL, '" + name + "-1')");
    exchange.hub_says({"provision", "add", person_service, name});
    names.push_back(name);
  }
  std::vector<std::string> question(const std::string& number, const std::string& name) const {
    return {"ask",
            person_service,
            "citizen_number=" + number,
            "person_name=" + name,
            "--purpose",
            stated_purpose,
            "--basis",
            stated_basis,
            "--case",
            "粤A-2006-1"};
  }
  Poco::JSON::Object::Ptr json(const Output& output) const {
    INFO(output.text);
    return Poco::JSON::Parser().parse(output.text).extract<Poco::JSON::Object::Ptr>();
  }

  ServiceCatalogue catalogue;
  NewExchange exchange;
  std::vector<std::string> names;
};

}  // namespace qianzhi::crash
