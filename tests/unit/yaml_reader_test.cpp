// The typed layer: numbers, units, words, secrets, missing and unknown keys.
#include <catch2/catch.hpp>

#include "hub-protocol/yaml/reader.h"

using namespace qianzhi;
using namespace qianzhi::yaml;

namespace {

// Reads text with read(reader), then finish(); what was found as "line:column code".
template <typename Read>
std::vector<std::string> findings(const std::string& text, const Read& read) {
  Diagnostics diagnostics;
  const auto root = parse_document("/etc/qianzhi/x.yaml", text, diagnostics);
  REQUIRE(root.has_value());
  MapReader reader(&*root, {}, diagnostics);
  read(reader);
  reader.finish();
  std::vector<std::string> found;
  for (const Diagnostic& d : diagnostics.all()) {
    found.push_back(std::to_string(d.place.line) + ":" + std::to_string(d.place.column) + " " + d.code);
  }
  return found;
}

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("P44 integers are decimal digits and nothing else") {
  CHECK(parse_integer("0") == 0U);
  CHECK(parse_integer("8443") == 8443U);
  CHECK(parse_integer("9999999999999999999") == 9999999999999999999U);
  for (const char* bad : {"", "010", "0x10", "1e3", "1_000", "-1", "+1", "1.0", " 1", "１２", "99999999999999999999"}) {
    INFO(bad);
    CHECK_FALSE(parse_integer(bad).has_value());
  }
}

TEST_CASE("E1 sizes and durations need their unit") {
  CHECK(parse_size("20GiB") == 20ULL << 30U);
  CHECK(parse_size("512KiB") == 512ULL << 10U);
  CHECK(parse_size("0B") == 0U);
  for (const char* bad : {"20", "20GB", "20 GiB", "20gib", "GiB", "1.5GiB", "-1B", "9999999999999TiB"}) {
    INFO(bad);
    CHECK_FALSE(parse_size(bad).has_value());
  }
  CHECK(parse_duration("200ms") == 200'000);
  CHECK(parse_duration("0ms") == 0);
  CHECK(parse_duration("1h") == 3'600'000'000);
  CHECK(parse_duration("2d") == 172'800'000'000);
  for (const char* bad : {"5", "5sec", "5 s", "s", "-1s", "1M", "9999999999999999d"}) {
    INFO(bad);
    CHECK_FALSE(parse_duration(bad).has_value());
  }
}

TEST_CASE("E1 the nearest word is suggested, and nothing far-fetched") {
  CHECK(nearest("captrue", {"type", "capture", "poll_interval"}) == "capture");
  CHECK(nearest("tpye", {"type", "capture"}) == "type");
  CHECK(nearest("postgres", {"sqlite", "postgresql"}) == "postgresql");
  CHECK(nearest("zzz", {"type", "capture"}).empty());
  CHECK(nearest(std::string(100'000, 'a'), {"type"}).empty());
}

TEST_CASE("E1 an unknown key names the nearest one and all that are allowed") {
  Diagnostics diagnostics;
  const auto root = parse_document("x.yaml", "sources:\n  db:\n    captrue: log\n", diagnostics);
  MapReader db(root->find("sources")->find("db"), "sources.db", diagnostics);
  db.find("type");
  db.find("capture");
  db.finish();
  REQUIRE(diagnostics.all().size() == 1);
  const Diagnostic d = diagnostics.all().front();
  CHECK(d.code == "QZ-CFG-012");
  CHECK(to_text(d.place) == "x.yaml:3:5");
  CHECK(d.place.length == 7);
  CHECK(d.zh == "sources.db 中没有 \"captrue\"，是否想写 \"capture\"？");
  CHECK(d.en == "unknown key \"captrue\" in sources.db; did you mean \"capture\"?");
  CHECK(d.cure == "可用 (allowed): type capture");
}

TEST_CASE("E1 a misspelt required key is reported once, a missing one at its map") {
  CHECK(findings("tabel: x\n", [](MapReader& r) { r.text("table"); }) == Found{"1:1 QZ-CFG-012"});
  CHECK(findings("a: {b: 1}\n", [](MapReader& r) {
          MapReader a = r.map("a", true);
          a.text("b", {});
          a.text("topic");
          a.finish();
        }) == Found{"1:4 QZ-CFG-013"});
  CHECK(findings("other: 1\n", [](MapReader& r) {
          r.text("topic");
          r.text("other", {});
        }) == Found{"0:0 QZ-CFG-013"});
}

TEST_CASE("E1 values of the wrong kind, form or range are named where they stand") {
  CHECK(findings("a: [1]\n", [](MapReader& r) { r.text("a"); }) == Found{"1:4 QZ-CFG-014"});
  CHECK(findings("a:\n", [](MapReader& r) { r.text("a"); }) == Found{"1:1 QZ-CFG-018"});
  CHECK(findings("a: \"\"\n", [](MapReader& r) { r.text("a"); }) == Found{"1:4 QZ-CFG-018"});
  CHECK(findings("a: x\n", [](MapReader& r) { r.list("a"); }) == Found{"1:4 QZ-CFG-014"});
  CHECK(findings("a: [x, [y]]\n", [](MapReader& r) { r.list("a"); }) == Found{"1:8 QZ-CFG-014"});
  CHECK(findings("a: x\n", [](MapReader& r) { r.map("a", true).finish(); }) == Found{"1:4 QZ-CFG-014"});
  CHECK(findings("a: 010\n", [](MapReader& r) { r.integer("a", 0, 99); }) == Found{"1:4 QZ-CFG-016"});
  CHECK(findings("a: 100\n", [](MapReader& r) { r.integer("a", 0, 99); }) == Found{"1:4 QZ-CFG-016"});
  CHECK(findings("a: 20\n", [](MapReader& r) { r.size("a"); }) == Found{"1:4 QZ-CFG-015"});
  CHECK(findings("a: 20\n", [](MapReader& r) { r.duration("a"); }) == Found{"1:4 QZ-CFG-015"});
  CHECK(findings("a: yes\n", [](MapReader& r) { r.boolean("a", false); }) == Found{"1:4 QZ-CFG-017"});
  CHECK(findings("a: Upper\n", [](MapReader& r) { r.id("a"); }) == Found{"1:4 QZ-CFG-019"});
}

TEST_CASE("E1 good values are read, and absent ones have their fallback") {
  CHECK(
      findings("n: 5\ns: 2MiB\nd: 5s\nb: true\np: pki/a.crt\nq: /abs/b\nw: two\nl: [x, y]\none: x\n", [](MapReader& r) {
        CHECK(r.integer("n", 1, 9) == 5);
        CHECK(r.integer("m", 1, 9, 7) == 7);
        CHECK(r.size("s") == 2U << 20U);
        CHECK(r.duration("d") == 5'000'000);
        CHECK(r.boolean("b", false));
        CHECK(r.file("p") == "/etc/qianzhi/pki/a.crt");
        CHECK(r.file("q") == "/abs/b");
        CHECK(r.choice<int>("w", {{"one", 1}, {"two", 2}}, 1) == 2);
        CHECK(r.choice<int>("v", {{"one", 1}, {"two", 2}}, 1) == 1);
        CHECK(r.list("l").size() == 2);
        CHECK(r.list("one", true).size() == 1);
      }).empty());
}

TEST_CASE("E1 a secret is a reference, a plain one is refused and its value is in no message") {
  const auto read = [](MapReader& r) { r.secret("password", true); };
  CHECK(findings("password: {file: db.secret}\n", read).empty());
  CHECK(findings("password: {credential: tax-db}\n", read).empty());
  CHECK(findings("password: hunter2\n", read) == Found{"1:11 QZ-CFG-021"});
  CHECK(findings("password: [hunter2]\n", read) == Found{"1:11 QZ-CFG-021"});
  CHECK(findings("password: {value: hunter2}\n", read) == Found{"1:11 QZ-CFG-021"});
  CHECK(findings("password: {file: a, credential: b}\n", read) == Found{"1:11 QZ-CFG-021"});
  CHECK(findings("password:\n", read) == Found{"1:1 QZ-CFG-018"});
  CHECK(findings("x: 1\n", [](MapReader& r) {
          CHECK_FALSE(r.secret("password", false));
          r.find("x");
        }).empty());
  for (const char* text : {"password: hunter2\n", "password: [hunter2]\n", "password: {value: hunter2}\n",
                           "password: {hunter2: x}\n", "password: {file: [hunter2]}\n"}) {
    Diagnostics diagnostics;
    const auto root = parse_document("x.yaml", text, diagnostics);
    REQUIRE(root.has_value());
    MapReader reader(&*root, {}, diagnostics);
    reader.secret("password", true);
    reader.finish();
    INFO(text << diagnostics.render());
    CHECK(diagnostics.has_errors());
    CHECK(diagnostics.render().find("hunter2") == std::string::npos);
  }
}
