// asks and api of the agent's configuration.
#include <algorithm>
#include <catch2/catch.hpp>

#include "hub-protocol/yaml/catalogue.h"
#include "tests/unit/config_support.h"

namespace qianzhi::config {

namespace {

using Findings = std::vector<std::string>;

// The good configuration, able to ask, and this at its end.
std::string asking_config(const std::string& added) {
  std::string text = test::with("  trust: pki/ca.crt\n", "  trust: pki/ca.crt\n  encryption_key: {file: pki/e.key}\n");
  text = test::with("targets:\n", "targets:\n  own: {type: postgresql, dsn: host=10.0.0.5 dbname=commerce}\n", text);
  return text + added;
}

constexpr char good_asks[] = R"(asks:
  - name: lottery
    source: commerce-db
    target: own
    requests: {table: check_request, key: {column: id, type: integer}, where: {state: [new, again]}}
    service: check.standing
    items: {number: id_no}
    purpose: {column: why}
    basis: law
    within: 2h
    answers: {table: check_answer, rename: {ok: is_ok}}
)";

test::Loaded load_asks(const std::string& from = "name: lottery", const std::string& to = "name: lottery") {
  return test::load(asking_config(test::with(from, to, good_asks)), false);
}

Catalogue asked_catalogue() {
  Catalogue catalogue = test::small_catalogue();
  Topic topic;
  topic.id = "check.standing";
  topic.mode = TopicMode::answer;
  topic.items = {{"number", "", "", ItemType::text, 18}, {"ok", "", "", ItemType::boolean}};
  topic.key = {"number"};
  catalogue.topics.emplace(topic.id, topic);
  return catalogue;
}

Findings against_catalogue(const std::string& from, const std::string& to) {
  const test::Loaded loaded = load_asks(from, to);
  REQUIRE(loaded.findings.empty());
  yaml::Diagnostics diagnostics;
  check_against(loaded.config, asked_catalogue(), diagnostics);
  Findings codes;
  for (const yaml::Diagnostic& finding : diagnostics.all()) codes.push_back(finding.code);
  return codes;
}

}  // namespace

TEST_CASE("S4.3 E1 asks: a request table is read into the configuration") {
  const test::Loaded loaded = load_asks();
  INFO(loaded.report);
  REQUIRE(loaded.config.asks.size() == 1);
  const AskConfig& ask = loaded.config.asks.front();
  CHECK(ask.key == "id");
  CHECK(ask.key_type == ItemType::integer);
  CHECK(ask.where == std::map<std::string, std::set<std::string>>{{"state", {"again", "new"}}});
  CHECK(ask.services == Findings{"check.standing"});
  CHECK(ask.purpose.column == "why");
  CHECK(ask.basis.constant == "law");
  CHECK(ask.within.constant == "2h");
  CHECK(ask.answers == "check_answer");
  CHECK(ask.rename.at("ok") == "is_ok");
  CHECK(load_asks("service: check.standing", "service: {column: kind, among: [check.standing, check.tax]}")
            .config.asks.front()
            .services.size() == 2);
}

TEST_CASE("E1 what is wrong with a request table is told by its code") {
  const auto codes = [](const std::string& from, const std::string& to) {
    Findings all;
    for (const std::string& finding : load_asks(from, to).findings) all.push_back(finding.substr(finding.find("QZ-")));
    return all;
  };
  CHECK(codes("source: commerce-db", "source: commerce-dd") == Findings{"QZ-CFG-030"});
  CHECK(codes("target: own", "target: received-db") == Findings{"QZ-CFG-114"});
  CHECK(codes("within: 2h", "within: 200ms") == Findings{"QZ-CFG-019"});
  CHECK(codes("    basis: law\n", "") == Findings{"QZ-CFG-013"});
  CHECK(codes("type: integer", "type: uuid") == Findings{"QZ-CFG-017"});
  CHECK(codes("table: check_answer", "table: check_request") == Findings{"QZ-CFG-031"});
  CHECK(codes("    items: {number: id_no}\n", "    items: {number: id_no}\n    itmes: {}\n") == Findings{"QZ-CFG-012"});
}

TEST_CASE(
    "S2.8 E1 a request table is compared with the catalogue: services, what they are asked and what they answer") {
  CHECK(against_catalogue("within: 2h", "within: 3h").empty());
  CHECK(against_catalogue("service: check.standing", "service: check.standin") == Findings{"QZ-CFG-033"});
  CHECK(against_catalogue("service: check.standing", "service: quality.issue") == Findings{"QZ-CFG-036"});
  CHECK(against_catalogue("{number: id_no}", "{number: id_no, other: x}") == Findings{"QZ-CFG-034"});
  CHECK(against_catalogue("{number: id_no}", "{}") == Findings{"QZ-CFG-035"});
  CHECK(against_catalogue("{ok: is_ok}", "{number: x}") == Findings{"QZ-CFG-034"});
}

TEST_CASE("S4.3 E1 api: each token has a name, a secret that is only named, and what it may ask") {
  const test::Loaded loaded =
      test::load(asking_config("api:\n  callers:\n    - {name: hall, token: {file: hall.token}, services: "
                               "[check.standing], purposes: [lottery]}\n"
                               "    - {name: hall, token: {credential: hall}}\n"));
  REQUIRE(loaded.config.api_tokens.size() == 2);
  CHECK(loaded.config.api_tokens[0].purposes == std::set<std::string>{"lottery"});
  Findings codes;
  for (const std::string& finding : loaded.findings) codes.push_back(finding.substr(finding.find("QZ-")));
  CHECK(std::count(codes.begin(), codes.end(), "QZ-CFG-031") == 1);
  CHECK(std::count(codes.begin(), codes.end(), "QZ-CFG-013") == 1);
}

TEST_CASE("S3.2 S4.3 the shipped example of a department that asks is good and fits the example of services") {
  const std::filesystem::path conf = QIANZHI_CONF;
  const test::TempDir folder;
  std::filesystem::copy(conf / "catalogue", folder / "catalogue", std::filesystem::copy_options::recursive);
  std::filesystem::copy(conf / "examples" / "services.yaml", folder / "catalogue");
  yaml::Diagnostics diagnostics;
  const Catalogue catalogue = yaml::load_catalogue(folder / "catalogue", diagnostics);
  const Config config = load_config(conf / "examples" / "transport.yaml", diagnostics);
  check_against(config, catalogue, diagnostics);
  INFO(diagnostics.render());
  CHECK(diagnostics.errors() + diagnostics.warnings() == 0);
  CHECK(config.asks.size() + config.api_tokens.size() == 2);
}

}  // namespace qianzhi::config
