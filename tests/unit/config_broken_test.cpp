// E1: the good configuration, broken at one place at a time.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/config_support.h"

using namespace qianzhi;

namespace {

struct Break {
  std::string from;
  std::string to;
  std::string findings;  // "line:column code" joined by ", "
};

const std::vector<Break> form = {
    {"version: 1", "version: 2", "1:10 QZ-CFG-016"},
    {"version: 1\n", "", "0:0 QZ-CFG-013"},
    {"id: commerce-01", "id: Commerce 01", "3:7 QZ-CFG-019"},
    {"language: zh-CN", "language: zh", "5:13 QZ-CFG-017"},
    {"timezone: Asia/Shanghai", "timezone: ../x", "6:13 QZ-CFG-019"},
    {"  url: https://127.0.0.1:8443\n", "", "8:3 QZ-CFG-013"},
    {"https://127.0.0.1:8443", "http://127.0.0.1:8443", "8:8 QZ-CFG-019"},
    {"https://127.0.0.1:8443", "https://127.0.0.1", "8:8 QZ-CFG-019"},
    {"https://127.0.0.1:8443", "https://a/b:8443", "8:8 QZ-CFG-019"},
    {"{file: pki/signing.key}", "pki/signing.key", "11:16 QZ-CFG-021"},
    {"  trust: pki/ca.crt\n", "  trust: pki/ca.crt\n  proxy: https://p:1\n", "13:10 QZ-CFG-019"},
    {"  trust: pki/ca.crt\n", "  trust: pki/ca.crt\n  proxy: http://u:p@p:1\n", "13:10 QZ-CFG-019"},
    {"  trust: pki/ca.crt\n", "  trust: pki/ca.crt\n  proxy: http://p:1\n  proxy_user: me\n", "8:3 QZ-CFG-013"},
    {"  trust: pki/ca.crt\n", "  trust: pki/ca.crt\n  proxy_password: secret\n", "8:3 QZ-CFG-013, 13:19 QZ-CFG-021"},
    {"  url: https://127.0.0.1:8443\n", "", "8:3 QZ-CFG-013"},
    {"  url: https://127.0.0.1:8443\n",
     "  url: https://127.0.0.1:8443\n  directory: {out: o, in: i, hub_certificate: h}\n", "9:14 QZ-CFG-013"},
    {"url: https://127.0.0.1:8443", "directory: {out: o, in: i}", "8:14 QZ-CFG-013"},
    {"url: https://127.0.0.1:8443", "directory: {out: o, in: o, hub_certificate: h}", "8:27 QZ-CFG-019"},
    {"url: https://127.0.0.1:8443", "directory: {out: o, in: i, hub_certificate: h, poll: 1ms}", "8:56 QZ-CFG-019"},
    {"url: https://127.0.0.1:8443", "directory: {out: o, in: i, hub_certificate: h, timeout: 8d}", "8:59 QZ-CFG-019"},
    {"url: https://127.0.0.1:8443", "directory: {out: o, in: i, hub_certificate: h, timeout: 5m, repeat: 6m}",
     "8:71 QZ-CFG-019"},
    {"url: https://127.0.0.1:8443\n", "directory: {out: o, in: i, hub_certificate: h}\n  proxy: http://p:1\n",
     "9:3 QZ-CFG-012"},
    {"key: {file: queue.key}", "key: 00112233445566778899", "16:8 QZ-CFG-021"},
    {"max_size: 20GiB", "max_size: 20", "17:13 QZ-CFG-015"},
    {"max_size: 20GiB", "max_size: 20 GB", "17:13 QZ-CFG-015"},
    {"max_size: 20GiB", "max_size: 1MiB", "17:13 QZ-CFG-019"},
    {"max_size", "maxsize", "17:3 QZ-CFG-012"},
    {"type: postgresql", "type: postgres", "20:11 QZ-CFG-017"},
    {"dsn: host=10.0.0.5 dbname=commerce", "dsn: host=x password=secret", "21:10 QZ-CFG-021"},
    {"    dsn: host=10.0.0.5 dbname=commerce\n", "", "20:5 QZ-CFG-037"},
    {"capture: log", "capture: binlog", "23:14 QZ-CFG-017"},
    {"poll_interval: 200ms", "poll_interval: 200", "24:20 QZ-CFG-015"},
    {"poll_interval: 200ms", "poll_interval: 1ms", "24:20 QZ-CFG-019"},
    {"received-db: {type: sqlite, file: received.db}", "Received: {type: sqlite, file: received.db}",
     "26:3 QZ-CFG-019, 43:39 QZ-CFG-030, 44:36 QZ-CFG-030"},
    {"{type: sqlite, file: received.db}", "{type: sqlite}", "26:16 QZ-CFG-013"},
    {"listen: 127.0.0.1:8420", "listen: 0.0.0.0:8420", "46:11 QZ-CFG-019"},
    {"listen: 127.0.0.1:8420", "listen: 127.0.0.1:99999", "46:11 QZ-CFG-019"},
    {"listen: 127.0.0.1:8420", "listen: 127.0.0.1:８４２０", "46:11 QZ-CFG-019"},
    {"status:\n", "stauts:\n", "45:1 QZ-CFG-012"},
};

const std::vector<Break> publications = {
    {"    source: commerce-db\n", "", "28:5 QZ-CFG-013"},
    {"source: commerce-db", "source: commerce-bd", "29:13 QZ-CFG-030"},
    {"table: public.enterprise", "table: 'a\"b'", "30:12 QZ-CFG-019"},
    {"    table: public.enterprise\n", "", "28:5 QZ-CFG-013"},
    {"name: ent_name", "name: [ent_name]", "33:13 QZ-CFG-014"},
    {"name: ent_name", "name: {colum: ent_name}", "33:14 QZ-CFG-012"},
    {"name: ent_name", "name: {}", "33:13 QZ-CFG-013"},
    {"name: ent_name", "name: {column: a, constant: b}", "33:13 QZ-CFG-013"},
    {"[trim, upper]", "[trim, uper]", "32:46 QZ-CFG-017"},
    {", code_table: {A: \"1100\", B: \"1200\"}", "", "34:13 QZ-CFG-036"},
    {"{constant: 广州市工商局}", "{constant: x, normalise: trim}", "35:15 QZ-CFG-036"},
    {"{column: district, registration_number_column: no}", "{authority_column: org}", "37:25 QZ-CFG-013"},
    {"{column: district, registration_number_column: no}", "{}", "37:25 QZ-CFG-013"},
    {"where: {status: [normal, changed]}", "where: [status]", "38:12 QZ-CFG-014"},
    {"where: {status: [normal, changed]}", "where: {status: []}", "38:21 QZ-CFG-019"},
    {"area: [440103, 440104]", "area: 440103", "39:11 QZ-CFG-014"},
    {"area: [440103, 440104]", "area: []", "39:11 QZ-CFG-019"},
    {"schedule: realtime", "schedule: hourly", "40:15 QZ-CFG-019"},
    {"schedule: realtime", "schedule: {every: 1}", "40:23 QZ-CFG-015"},
    {"schedule: realtime", "schedule: {at: 24:00}", "40:20 QZ-CFG-019"},
    {"schedule: realtime", "schedule: {at: 02:00, on: [monday]}", "40:32 QZ-CFG-019"},
    {"schedule: realtime", "schedule: {every: 1h, at: 02:00}", "40:15 QZ-CFG-013"},
    {"rows: 2000", "rows: 0", "41:19 QZ-CFG-016"},
    {"rows: 2000", "rows: 2e3", "41:19 QZ-CFG-016"},
    {"size: 1MiB", "size: 2MiB", "41:31 QZ-CFG-019"},
    {"linger: 0ms", "linger: 2h", "41:45 QZ-CFG-019"},
    {"subscriptions:\n",
     "  - topic: commerce.opening\n    source: commerce-db\n    table: b\n    items: {reg_no: no}\nsubscriptions:\n",
     "42:12 QZ-CFG-031"},
    {"  - {topic: quality.issue, target: received-db}", "  - {topic: quality.issue, target: received-db, table: tax}",
     "44:56 QZ-CFG-031"},
    {"  - {topic: quality.issue, target: received-db}", "  - {topic: tax.registration, target: received-db}",
     "44:13 QZ-CFG-031"},
    {"apply: upsert", "apply: append", "43:71 QZ-CFG-017"},
};

const std::vector<Break> catalogue = {
    {"topic: commerce.opening", "topic: commerce.openning", "28:12 QZ-CFG-033"},
    {"topic: quality.issue", "topic: quality.isue", "44:13 QZ-CFG-033"},
    {"name: ent_name", "nam: ent_name", "33:7 QZ-CFG-034"},
    {"      reg_no: {column: no, normalise: [trim, upper]}\n", "", "28:12 QZ-CFG-035"},
    {"reg_no: {column: no, normalise: [trim, upper]}", "reg_no: {constant: x}", "32:7 QZ-CFG-036"},
    {"constant: 广州市工商局", "constant: 广州市工商行政管理局越秀分局", "35:7 QZ-CFG-036"},
    {"A: \"1100\"", "A: \"11000\"", "34:7 QZ-CFG-036"},
    {"name: ent_name", "name: {column: ent_name, normalise: date}", "33:7 QZ-CFG-036"},
    {"name: ent_name", "name: {area: {column: x}}", "33:7 QZ-CFG-036"},
    {"since: {column: est, normalise: [date]}", "since: {constant: 2006-02-30}", "36:7 QZ-CFG-036"},
    {"area: [440103, 440104]", "area: [440103, 4401]", "39:11 QZ-CFG-036"},
    {"      area_code: {area: {column: district, registration_number_column: no}}\n", "", "38:11 QZ-CFG-035"},
    {"rename: {id: tax_id}", "rename: {idd: tax_id}", "43:13 QZ-CFG-034"},
    {"rename: {id: tax_id}", "rename: {id: title}", "43:13 QZ-CFG-031"},
};

// Of the good configuration with a drop folder for a source.
const std::vector<Break> files = {
    {"encoding: gb18030", "encoding: big5", "22:15 QZ-CFG-017"},
    {"delimiter: tab", "delimiter: \"::\"", "23:16 QZ-CFG-017"},
    {"    folder: drop\n", "", "20:5 QZ-CFG-013"},
    {"folder: drop", "folder: drop\n    colour: blue", "22:5 QZ-CFG-012"},
    {"{marker: .done}", "{markr: .done}", "24:16 QZ-CFG-012"},
    {"{marker: .done}", "{quiet: 60}", "24:23 QZ-CFG-015"},
    {"most_removed: 50", "most_removed: 101", "25:19 QZ-CFG-016"},
    {"      enterprise:\n", "      Enterprise:\n", "27:7 QZ-CFG-019, 38:12 QZ-CFG-030"},
    {"        full: \"enterprise_*.csv\"\n        changes: \"enterprise-change_*.csv\"\n", "",
     "28:9 QZ-CFG-037, 29:9 QZ-CFG-012"},
};

void check_all(const std::vector<Break>& samples, const std::string& good = test::good_config) {
  for (const Break& sample : samples) {
    const test::Loaded loaded = test::load(test::with(sample.from, sample.to, good));
    std::string findings;
    for (const std::string& finding : loaded.findings) findings += (findings.empty() ? "" : ", ") + finding;
    INFO(sample.from << " -> " << sample.to << "\n" << loaded.report);
    CHECK(findings == sample.findings);
  }
}

}  // namespace

TEST_CASE("E1 a broken form is refused at its line and column") { check_all(form); }

TEST_CASE("E1 a broken drop folder is refused at its line and column") { check_all(files, test::files_config()); }

TEST_CASE("E1 P31 a drop folder cannot receive files") {
  const test::Loaded loaded = test::load(
      test::with("{type: sqlite, file: received.db}", "{type: files, folder: ./drop}", test::files_config()));
  INFO(loaded.report);
  CHECK(std::count(loaded.findings.begin(), loaded.findings.end(), "51:59 QZ-CFG-032") == 1);
  CHECK(test::load(test::with("{type: sqlite, file: received.db}", "{type: files, folder: out}", test::files_config()))
            .findings.empty());
}

TEST_CASE("E1 a broken publication or subscription is refused at its line and column") { check_all(publications); }

TEST_CASE("E1 what the catalogue does not have is refused at its line and column") { check_all(catalogue); }

TEST_CASE("E1 a table captured by diff cannot receive in the same database") {
  std::string text = test::with(
      "type: postgresql\n    dsn: host=10.0.0.5 dbname=commerce\n    password: {credential: commerce-db}\n    capture: "
      "log",
      "type: sqlite\n    file: received.db\n    capture: diff");
  text = test::with("table: public.enterprise", "table: tax", text);
  const test::Loaded loaded = test::load(text);
  INFO(loaded.report);
  CHECK(std::count(loaded.findings.begin(), loaded.findings.end(), "42:59 QZ-CFG-032") == 1);
  CHECK(test::load(test::with("capture: diff", "capture: journal", text)).findings.empty());
}

TEST_CASE("E1 a way of capture that would bring nothing is refused, never accepted in silence") {
  for (const char* capture : {"log", "journal", "diff"}) {
    const test::Loaded loaded = test::load(
        test::with("delimiter: tab", "delimiter: tab\n    capture: " + std::string(capture), test::files_config()));
    INFO(loaded.report);
    REQUIRE(loaded.findings.size() == 1);
    CHECK(loaded.findings[0] == "24:14 QZ-CFG-037");
  }
}

TEST_CASE("E1 postgresql is captured by log, journal or diff") {
  for (const char* capture : {"log", "journal", "diff"})
    CHECK(test::load(test::with("capture: log", "capture: " + std::string(capture))).findings.empty());
}

TEST_CASE("E1 a source that is compared rests five minutes between two walks unless told otherwise") {
  const std::string sqlite = "sources:\n  x: {type: sqlite, file: a.db, capture: diff";
  const auto interval = [&](const std::string& more) {
    return test::load(test::with("sources:\n", sqlite + more + "}\n")).config.sources.at("x").poll_interval;
  };
  CHECK(interval("") == 300'000'000);
  CHECK(interval(", poll_interval: 1h") == 3'600'000'000);
}

TEST_CASE("E1 sqlite has no log to capture from") {
  const test::Loaded loaded =
      test::load(test::with("sources:\n", "sources:\n  x: {type: sqlite, file: a.db, capture: log}\n"));
  INFO(loaded.report);
  CHECK(loaded.findings == std::vector<std::string>{"19:42 QZ-CFG-037"});
}

TEST_CASE("E1 a database that nobody uses is a warning, given when all else is right") {
  const test::Loaded loaded = test::load(test::with("sources:\n", "sources:\n  x: {type: sqlite, file: a.db}\n"));
  INFO(loaded.report);
  CHECK(loaded.findings == std::vector<std::string>{"19:3 QZ-CFG-038?"});
}

TEST_CASE("E1 an unknown source lists those that are defined, with their lines") {
  const test::Loaded loaded = test::load(test::with("source: commerce-db", "source: commerce_db"));
  CHECK(loaded.report.find("数据源 \"commerce_db\" 未定义，是否想写 \"commerce-db\"？") != std::string::npos);
  CHECK(loaded.report.find("source \"commerce_db\" is not defined") != std::string::npos);
  CHECK(loaded.report.find("已定义 (defined): commerce-db（第 19 行）") != std::string::npos);
}

TEST_CASE("E1 a missing file is a finding, not a crash") {
  const test::TempDir folder;
  yaml::Diagnostics diagnostics;
  config::load_config(folder / "none.yaml", diagnostics);
  REQUIRE(diagnostics.errors() == 1);
  CHECK(diagnostics.all().front().code == "QZ-CFG-023");
}
