// What a good configuration becomes, and that the shipped examples are good.
#include <catch2/catch.hpp>

#include "hub-protocol/yaml/catalogue.h"
#include "tests/unit/config_support.h"

using namespace qianzhi;
using namespace qianzhi::config;
using Found = std::vector<std::string>;

TEST_CASE("S3.2 a good configuration becomes values, with paths beside its file") {
  const test::TempDir folder;
  std::ofstream(folder / "agent.yaml") << test::good_config;
  yaml::Diagnostics diagnostics;
  const Config config = load_config(folder / "agent.yaml", diagnostics);
  check_against(config, test::small_catalogue(), diagnostics);
  INFO(diagnostics.render());
  REQUIRE(diagnostics.errors() + diagnostics.warnings() == 0);
  CHECK(config.agent_id == "commerce-01");
  CHECK(config.name == "工商局前置机");
  CHECK(config.exchange.certificate == folder / "pki/commerce-01.crt");
  CHECK(config.exchange.private_key.file == folder / "pki/commerce-01.key");
  CHECK(config.queue.path == folder / "queue.db");
  CHECK(config.queue.max_octets == 20ULL << 30U);
  const SourceConfig& source = config.sources.at("commerce-db");
  CHECK(source.database.type == "postgresql");
  CHECK(source.database.options.at("dsn") == "host=10.0.0.5 dbname=commerce");
  CHECK(source.database.secrets.at("password").credential == "commerce-db");
  CHECK(source.capture == Capture::log);
  CHECK(source.poll_interval == 200'000);
  CHECK(source.retained_log_ceiling == 10ULL << 30U);
  CHECK(config.targets.at("received-db").options.at("file") == (folder / "received.db").string());
  CHECK(config.status.port == 8420);
}

TEST_CASE("S3.2 the hub is reached by files where a configuration says so") {
  const auto loaded = test::load(test::with("url: https://127.0.0.1:8443",
                                            "directory: {out: out, in: in, hub_certificate: pki/hub.crt, poll: 5m}"));
  INFO(loaded.report);
  CHECK(loaded.findings.empty());
  const ExchangeConfig& exchange = loaded.config.exchange;
  CHECK(exchange.url.empty());
  REQUIRE(exchange.directory.has_value());
  CHECK(exchange.directory->out.filename() == "out");
  CHECK(exchange.directory->in.is_absolute());
  CHECK(exchange.directory->hub_certificate.filename() == "hub.crt");
  CHECK(exchange.directory->poll == 300'000'000);
  CHECK(exchange.directory->timeout == 7'200'000'000);
  CHECK(exchange.directory->repeat == 600'000'000);
}

TEST_CASE("S1.3 publications carry columns, code tables, filters, areas and batches") {
  const Config config = test::load(test::good_config).config;
  REQUIRE(config.publications.size() == 1);
  const PublicationConfig& publication = config.publications.front();
  CHECK(publication.table == "public.enterprise");
  CHECK(publication.items.at("name").column == "ent_name");
  CHECK(publication.items.at("reg_no").normalise == std::vector<Normalise>{Normalise::trim, Normalise::upper});
  CHECK(publication.items.at("kind").code_table.at("A") == "1100");
  CHECK(publication.items.at("kind").code_table_strict);
  CHECK(publication.items.at("office").kind == ItemRule::Kind::constant);
  CHECK(publication.items.at("office").constant == "广州市工商局");
  CHECK(publication.items.at("area_code").kind == ItemRule::Kind::area);
  CHECK(publication.items.at("area_code").registration_number_column == "no");
  CHECK(publication.where.at("status") == std::set<std::string>{"normal", "changed"});
  CHECK(publication.area == GroupSet::of({"440103", "440104"}));
  CHECK(publication.batch.rows == 2000);
  CHECK(publication.batch.octets == 1U << 20U);
  CHECK(yaml::to_text(publication.place).find("agent.yaml:28:12") != std::string::npos);
  REQUIRE(config.subscriptions.size() == 2);
  CHECK(config.subscriptions[0].rename.at("id") == "tax_id");
  CHECK(config.subscriptions[1].table == "quality_issue");
}

TEST_CASE("S1.2 schedules are real time, an interval or a calendar") {
  const auto schedule = [](const std::string& text) {
    const test::Loaded loaded = test::load(test::with("schedule: realtime", "schedule: " + text));
    INFO(loaded.report);
    REQUIRE(loaded.findings.empty());
    return loaded.config.publications.front().schedule;
  };
  CHECK(schedule("realtime").kind == Schedule::Kind::realtime);
  CHECK(schedule("{every: 1h}").interval == 3'600'000'000);
  CHECK(schedule("{every: 1h}").kind == Schedule::Kind::interval);
  const Schedule weekly = schedule("{at: \"02:30\", on: [mon, sun]}");
  CHECK(weekly.kind == Schedule::Kind::calendar);
  CHECK(weekly.hour == 2);
  CHECK(weekly.minute == 30);
  CHECK(weekly.weekdays == std::set<int>{1, 7});
  CHECK(schedule("{at: 02:00}").weekdays.empty());
}

TEST_CASE("P27 a watermark is a column of the publication, and a comparison beside it has a schedule") {
  const auto seen = test::load(test::with(
      "capture: log", "capture: watermark",
      test::with("    schedule: realtime\n", "    watermark: changed\n    reconcile: {at: \"02:30\", on: [sat]}\n")));
  REQUIRE(seen.findings.empty());
  CHECK(seen.config.sources.at("commerce-db").capture == config::Capture::watermark);
  const config::PublicationConfig& publication = seen.config.publications.at(0);
  CHECK(publication.watermark == "changed");
  REQUIRE(publication.reconcile.has_value());
  CHECK(publication.reconcile->hour == 2);
  CHECK(publication.reconcile->minute == 30);
  CHECK(publication.reconcile->weekdays == std::set<int>{6});
  CHECK_FALSE(test::load(test::good_config).config.publications.at(0).reconcile);
}

TEST_CASE("S4 a proxy on the way to the hub has an address, and perhaps a login whose password is a reference") {
  const auto seen = test::load(test::with("  trust: pki/ca.crt\n",
                                          "  trust: pki/ca.crt\n  proxy: http://10.0.0.9:3128\n  proxy_user: me\n"
                                          "  proxy_password: {credential: proxy}\n"));
  REQUIRE(seen.findings.empty());
  CHECK(seen.config.exchange.proxy == "http://10.0.0.9:3128");
  CHECK(seen.config.exchange.proxy_password.credential == "proxy");
}

TEST_CASE("S3 a throttle has a rate and perhaps hours and days") {
  const auto read = [](const std::string& throttle) {
    return test::load(
        test::with("    poll_interval: 200ms\n", "    poll_interval: 200ms\n    throttle: " + throttle + "\n"));
  };
  const auto seen = read("{rows_per_second: 2000, from: \"08:30\", to: \"18:00\", on: [mon, fri]}");
  REQUIRE(seen.findings.empty());
  const config::ThrottleConfig& throttle = seen.config.sources.at("commerce-db").throttle;
  CHECK(throttle.rows_per_second == 2000);
  CHECK(throttle.from == 8 * 60 + 30);
  CHECK(throttle.to == 18 * 60);
  CHECK(throttle.weekdays == std::set<int>{1, 5});
  using Findings = std::vector<std::string>;
  CHECK(read("{rows_per_second: 0}").findings == Findings{"25:33 QZ-CFG-016"});
  CHECK(read("{rows_per_second: 5, from: \"08:30\"}").findings == Findings{"25:15 QZ-CFG-013"});
  CHECK(read("{rows_per_second: 5, from: \"8:30\", to: \"25:00\"}").findings ==
        Findings{"25:42 QZ-CFG-019", "25:54 QZ-CFG-019"});
  CHECK(read("{from: \"08:30\", to: \"18:00\"}").findings == Findings{"25:15 QZ-CFG-013"});
}

TEST_CASE("P39 an update cycle may be said of publications and subscriptions") {
  const auto seen = test::load(test::with("    schedule: realtime\n", "    update_cycle: 36h\n",
                                          test::with("apply: upsert,", "apply: upsert, update_cycle: 90m,")));
  REQUIRE(seen.findings.empty());
  constexpr Micros hour = 3'600'000'000;
  CHECK(seen.config.publications.at(0).update_cycle == 36 * hour);
  CHECK(seen.config.subscriptions.at(0).update_cycle == 90 * hour / 60);
  CHECK(seen.config.subscriptions.at(1).update_cycle == 0);
  const auto compared = test::load(
      test::with("apply: upsert,", "apply: upsert, compare: {at: \"03:30\", on: [sun]}, compare_report_only: true,"));
  REQUIRE(compared.findings.empty());
  REQUIRE(compared.config.subscriptions.at(0).compare);
  CHECK(compared.config.subscriptions.at(0).compare->minute == 30);
  CHECK(compared.config.subscriptions.at(0).compare_report_only);
  CHECK_FALSE(compared.config.subscriptions.at(1).compare);
  CHECK(test::load(test::with("apply: upsert,", "apply: upsert, compare: realtime,")).findings.size() == 1);
  CHECK(test::load(test::with("    schedule: realtime\n", "    update_cycle: 1s\n")).findings ==
        std::vector<std::string>{"40:19 QZ-CFG-019"});
}

TEST_CASE("P27 P31 what a way of capture lacks, or cannot do, is told where it is written") {
  using Findings = std::vector<std::string>;
  const auto publication = [](const std::string& lines, const std::string& capture) {
    return test::load(test::with("capture: log", "capture: " + capture,
                                 test::with("    schedule: realtime\n", lines.empty() ? lines : "    " + lines + "\n")))
        .findings;
  };
  CHECK(publication("", "watermark") == Findings{"28:12 QZ-CFG-037"});
  CHECK(publication("watermark: changed", "log") == Findings{"40:16 QZ-CFG-037"});
  CHECK(publication("watermark: changed", "watermark") == Findings{"40:16 QZ-CFG-039?"});
  CHECK(publication("reconcile: {every: 1h}", "diff") == Findings{"40:16 QZ-CFG-037"});
  CHECK(publication("reconcile: realtime", "log") == Findings{"40:16 QZ-CFG-019"});
  CHECK(publication("reconcile: {}", "log") == Findings{"40:16 QZ-CFG-013"});
  const std::string sqlite = test::with(
      "    type: postgresql\n    dsn: host=10.0.0.5 dbname=commerce\n    password: {credential: commerce-db}\n",
      "    type: sqlite\n    file: received.db\n", test::with("capture: log", "capture: watermark"));
  CHECK(test::load(sqlite).findings.at(0) == "22:14 QZ-CFG-037");
  // Received rows would be found as missing and sent on.
  const std::string circle =
      test::with("table: public.enterprise", "table: tax",
                 test::with("capture: watermark", "capture: journal",
                            test::with("    schedule: realtime\n", "    reconcile: {every: 1h}\n", sqlite)));
  const auto found = test::load(circle).findings;
  CHECK(std::count(found.begin(), found.end(), "42:59 QZ-CFG-032") == 1);
}

TEST_CASE("S1.3 without an area every group is published") {
  const test::Loaded loaded = test::load(test::with("    area: [440103, 440104]\n", ""));
  CHECK(loaded.findings.empty());
  CHECK(loaded.config.publications.front().area.is_every());
}

TEST_CASE("S3.2 an adapter that others wrote takes its own settings and secrets") {
  const test::Loaded loaded =
      test::load(test::with("received-db: {type: sqlite, file: received.db}",
                            "received-db: {type: odbc, dialect: dm, dsn: DM8, password: {file: dm.password}}"));
  INFO(loaded.report);
  CHECK(loaded.findings.empty());
  const DatabaseConfig& target = loaded.config.targets.at("received-db");
  CHECK(target.type == "odbc");
  CHECK(target.options.at("dialect") == "dm");
  CHECK(target.secrets.at("password").file.filename() == "dm.password");
}

TEST_CASE("a drop folder becomes the flat options that its adapter takes") {
  const test::Loaded loaded = test::load(test::files_config());
  INFO(loaded.report);
  REQUIRE(loaded.findings.empty());
  const SourceConfig& source = loaded.config.sources.at("commerce-db");
  CHECK(source.capture == Capture::journal);
  const auto& options = source.database.options;
  CHECK(options.at("folder") == (loaded.config.file.parent_path() / "drop").string());
  CHECK(options.at("state") == (loaded.config.queue.path.parent_path() / "files-source-commerce-db").string());
  const std::map<std::string, std::string> rest{{"encoding", "gb18030"},
                                                {"delimiter", "tab"},
                                                {"marker", ".done"},
                                                {"most_removed", "50"},
                                                {"table.enterprise.full", "enterprise_*.csv"},
                                                {"table.enterprise.changes", "enterprise-change_*.csv"},
                                                {"table.enterprise.column.注册号", "no"},
                                                {"table.enterprise.column.名称", "ent_name"},
                                                {"table.enterprise.operation", "操作"},
                                                {"table.enterprise.upsert", "新增\n修改"},
                                                {"table.enterprise.remove", "注销"}};
  for (const auto& [name, value] : rest) {
    INFO(name);
    REQUIRE(options.count(name) == 1);
    CHECK(options.at(name) == value);
  }
}

TEST_CASE("S3.2 the shipped example of every department is good and fits the shipped catalogue") {
  const std::filesystem::path conf = QIANZHI_CONF;
  yaml::Diagnostics diagnostics;
  const Catalogue catalogue = yaml::load_catalogue(conf / "catalogue", diagnostics);
  for (const char* name :
       {"commerce", "quality", "national_tax", "local_tax", "statistics", "county", "odbc", "xlsx-adapter/agent"}) {
    const Config config = load_config(conf / "examples" / (std::string(name) + ".yaml"), diagnostics);
    check_against(config, catalogue, diagnostics);
    CHECK(config.publications.size() + config.subscriptions.size() > 0);
  }
  INFO(diagnostics.render());
  CHECK(diagnostics.errors() + diagnostics.warnings() == 0);
}

TEST_CASE("E1 the eight mistakes of one file come out in one run") {
  std::string text = test::with("capture: log", "captrue: log");
  text = test::with("    dsn: host", "    dsn：host", text);
  text = test::with("password: {credential: commerce-db}", "password: Tax2024", text);
  text = test::with("max_size: 20GiB", "max_size: 20", text);
  text = test::with("  name: 工商局前置机\n", "  name: 工商局前置机\n  name: 又一个\n", text);
  text = test::with("source: commerce-db", "source: commerce_db", text);
  text = test::with("apply: upsert", "apply: upsrt", text);
  text = test::with("name: ent_name", "nmae: ent_name", text);
  const test::Loaded loaded = test::load(text);
  INFO(loaded.report);
  CHECK(loaded.findings == Found{"5:3 QZ-CFG-008", "18:13 QZ-CFG-015", "22:8 QZ-CFG-003", "23:15 QZ-CFG-021",
                                 "24:5 QZ-CFG-012", "30:13 QZ-CFG-030", "34:7 QZ-CFG-034", "44:71 QZ-CFG-017"});
  CHECK(loaded.report.find("Tax2024") == std::string::npos);
  CHECK(loaded.report.find("共 8 个错误，0 个警告") != std::string::npos);
}
