// Databases of type odbc: strict keys, and never a password inside a connection string.
#include <catch2/catch.hpp>

#include "tests/unit/config_support.h"

namespace qianzhi::config {

namespace {

test::Loaded load_with(const std::string& database) {
  return test::load(test::with("sources:\n", "sources:\n  x: {type: odbc" + database + "}\n"));
}

}  // namespace

TEST_CASE("E1 odbc takes a dialect and a connection string or a DSN, and compares unless told otherwise") {
  const test::Loaded loaded =
      load_with(", dialect: oracle, connect: \"Driver={Oracle};DBQ=tax\", user: QZ, password: {file: p}");
  INFO(loaded.report);
  const SourceConfig& source = loaded.config.sources.at("x");
  CHECK(source.database.options == std::map<std::string, std::string>{
                                       {"dialect", "oracle"}, {"connect", "Driver={Oracle};DBQ=tax"}, {"user", "QZ"}});
  CHECK(source.database.secrets.count("password") == 1);
  CHECK(source.capture == Capture::diff);
}

TEST_CASE("E1 what is wrong with an odbc database is told with its line and column") {
  const auto findings = [](const std::string& database) {
    const test::Loaded loaded = load_with(database);
    INFO(loaded.report);
    CHECK(loaded.report.find("hunter2") == std::string::npos);
    return loaded.findings;
  };
  using Lines = std::vector<std::string>;
  CHECK(findings(", dialect: access, dsn: tax") == Lines{"19:28 QZ-CFG-017"});
  CHECK(findings(", dsn: tax") == Lines{"19:6 QZ-CFG-013"});
  CHECK(findings(", dialect: dm") == Lines{"19:6 QZ-CFG-037"});
  CHECK(findings(", dialect: dm, dsn: tax, connect: \"Driver=x\"") == Lines{"19:51 QZ-CFG-037"});
  CHECK(findings(", dialect: dm, connect: \"Driver=x;PWD=hunter2\"") == Lines{"19:41 QZ-CFG-021"});
  CHECK(findings(", dialect: dm, connect: \"Driver=x; Password = {hunter2}\"") == Lines{"19:41 QZ-CFG-021"});
  CHECK(findings(", dialect: dm, dsn: tax, capture: log") == Lines{"19:51 QZ-CFG-037"});
  CHECK(findings(", dialect: dm, dsn: tax, capture: watermark") == Lines{"19:3 QZ-CFG-038?"});
  CHECK(findings(", dialect: dm, dsn: tax, driver: x") == Lines{"19:42 QZ-CFG-012"});
}

}  // namespace qianzhi::config
