// The way to a MariaDB server over TLS: encrypted where it is asked for, never silently not, for reading, writing and
// the binary log.
#include <catch2/catch.hpp>
#include <fstream>

#include "hub-protocol/base/error.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/https_pki.h"
#include "tests/unit/mysql_support.h"

namespace qianzhi::test {

namespace {

// A server with a certificate for 127.0.0.1 and one account that may only come over TLS.
struct TlsServer {
  TlsServer() {
    std::filesystem::permissions(files.path(), std::filesystem::perms::owner_all | std::filesystem::perms::others_all);
    ca.issue({"server", "IP:127.0.0.1", "serverAuth"});
    ca.issue({"elsewhere", "DNS:elsewhere.example", "serverAuth"});
    for (const char* name : {"server.key", "elsewhere.key"})
      std::filesystem::permissions(files / name, std::filesystem::perms::all);
  }
  std::vector<std::string> settings(const std::string& name) const {
    return {"ssl_ca=" + ca.certificate().string(), "ssl_cert=" + (files / (name + ".crt")).string(),
            "ssl_key=" + (files / (name + ".key")).string()};
  }

  TempDir files;
  TestCa ca{files.path(), "ca"};
  TestCa stranger{files.path(), "stranger"};
};

TlsServer& tls() {
  static TlsServer made;
  return made;
}

MariadbServer& server() {
  static MariadbServer started(tls().settings("server"));
  return started;
}

adapter::SourceSpec spec_of(MariaDatabase& database, std::map<std::string, std::string> options,
                            adapter::CaptureMode mode = adapter::CaptureMode::snapshot_only) {
  options["host"] = "127.0.0.1";
  options["port"] = std::to_string(database.server().port());
  options["user"] = "careful";
  options["database"] = database.name();
  return {{options, {{"password", "secret"}}}, "tls", mode, {{"t", {"id", "name"}, {"id"}, {}}}, 0};
}

void make_account(MariaDatabase& database) {
  database.run("CREATE TABLE t(id INT PRIMARY KEY, name VARCHAR(20)); INSERT INTO t VALUES(1, 'a')");
  database.run(
      "CREATE OR REPLACE USER careful@'%' IDENTIFIED BY 'secret' REQUIRE SSL; GRANT ALL ON *.* TO careful@'%'");
}

std::string code_of(const adapter::SourceSpec& spec) {
  SystemClock clock;
  const auto adapter = adapter::make_mysql_adapter(clock);
  try {
    adapter->open_source(spec)->read_snapshot(0, {}, {});
    return "";
  } catch (const Error& error) {
    return error.code();
  }
}

}  // namespace

TEST_CASE("MariaDB over TLS is read, also its binary log, by an account that must come so") {
  MariaDatabase database(server());
  make_account(database);
  const std::string ca = tls().ca.certificate();
  SystemClock clock;
  const auto adapter = adapter::make_mysql_adapter(clock);
  CHECK(code_of(spec_of(database, {{"tls_ca", ca}})).empty());
  CHECK(code_of(spec_of(database, {{"tls", "on"}})).empty());
  const auto source = adapter->open_source(spec_of(database, {{"tls_ca", ca}}, adapter::CaptureMode::log));
  const SourcePosition start = source->present();
  database.run("UPDATE t SET name = 'b'");
  std::size_t rows = 0;
  SourcePosition place = start;
  for (int reads = 0; reads < 100 && rows == 0; ++reads) {
    const adapter::Changes changes = source->read_changes(place, {}, {}, 100'000);
    for (const auto& table : changes.tables) rows += table.meta.size();
    place = changes.position;
  }
  CHECK(rows == 1);
}

TEST_CASE("MariaDB: without TLS, with another authority or under another name the connection is refused") {
  MariaDatabase database(server());
  make_account(database);
  CHECK(code_of(spec_of(database, {})) == "QZ-MY-002");
  CHECK(code_of(spec_of(database, {{"tls", "off"}, {"tls_ca", tls().ca.certificate()}})) == "QZ-MY-002");
  CHECK(code_of(spec_of(database, {{"tls_ca", tls().stranger.certificate()}})) == "QZ-MY-004");
  CHECK(code_of(spec_of(database, {{"tls_ca", "/nowhere/ca.crt"}})) == "QZ-MY-004");
  MariadbServer other(tls().settings("elsewhere"));
  MariaDatabase there(other);
  make_account(there);
  CHECK(code_of(spec_of(there, {{"tls_ca", tls().ca.certificate()}})) == "QZ-MY-004");
  // A server without TLS is not talked to in plain text because it has none.
  MariaDatabase plain;
  make_account(plain);
  plain.run("ALTER USER careful@'%' REQUIRE NONE");
  CHECK(code_of(spec_of(plain, {{"tls", "on"}})) == "QZ-MY-004");
}

}  // namespace qianzhi::test
