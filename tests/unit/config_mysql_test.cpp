// Databases of type mysql (MariaDB): strict keys.
#include <catch2/catch.hpp>

#include "tests/unit/config_support.h"

namespace qianzhi::config {

namespace {

test::Loaded load_mysql(const std::string& database) {
  return test::load(test::with("sources:\n", "sources:\n  x: {type: mysql" + database + "}\n"));
}

}  // namespace

TEST_CASE("E1 mysql takes a host or a socket, and reads the log unless told otherwise") {
  const test::Loaded loaded =
      load_mysql(", host: 10.0.0.5, port: 3307, database: tax, user: qz, tls: on, server_id: 77, password: {file: p}");
  INFO(loaded.report);
  const SourceConfig& source = loaded.config.sources.at("x");
  CHECK(source.database.options == std::map<std::string, std::string>{{"host", "10.0.0.5"},
                                                                      {"port", "3307"},
                                                                      {"database", "tax"},
                                                                      {"user", "qz"},
                                                                      {"tls", "on"},
                                                                      {"server_id", "77"}});
  CHECK(source.database.secrets.count("password") == 1);
  CHECK(source.capture == Capture::log);
}

TEST_CASE("E1 what is wrong with a mysql database is told with its line and column") {
  const auto findings = [](const std::string& database) { return load_mysql(database).findings; };
  using Lines = std::vector<std::string>;
  CHECK(findings(", host: h, database: tax") == Lines{"19:3 QZ-CFG-038?"});
  CHECK(findings(", host: h") == Lines{"19:6 QZ-CFG-013"});
  CHECK(findings(", database: tax") == Lines{"19:6 QZ-CFG-037"});
  CHECK(findings(", host: h, socket: /s, database: tax") == Lines{"19:37 QZ-CFG-037"});
  CHECK(findings(", host: h, database: tax, port: 70000") == Lines{"19:50 QZ-CFG-037"});
  CHECK(findings(", host: h, database: tax, server_id: 0") == Lines{"19:55 QZ-CFG-037"});
  CHECK(findings(", host: h, database: tax, tls: maybe") == Lines{"19:49 QZ-CFG-017"});
  CHECK(findings(", host: h, database: tax, dsn: x") == Lines{"19:44 QZ-CFG-012"});
  CHECK(findings(", host: h, database: tax, capture: watermark") == Lines{"19:3 QZ-CFG-038?"});
}

}  // namespace qianzhi::config
