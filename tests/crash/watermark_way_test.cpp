// Whole agents that may only read: PostgreSQL and MariaDB by a watermark at one end, each the other's target at the
// other, and what a comparison cures there.
#include <catch2/catch.hpp>

#include "tests/crash/new_exchange.h"
#include "tests/support/mariadb_server.h"
#include "tests/support/postgres_server.h"

using namespace qianzhi;
using crash::NewExchange;

namespace {

constexpr char opened[] = "commerce.opening_registration";
constexpr char issued[] = "quality.code_certificate_issue";
constexpr char on_postgresql[] = "commerce-01";
constexpr char on_mariadb[] = "quality-01";

std::string postgres_parts(const std::string& dsn) {
  return "sources:\n  business: {type: postgresql, dsn: '" + dsn +
         "', capture: watermark, poll_interval: 100ms}\ntargets:\n  received: {type: postgresql, dsn: '" + dsn +
         "'}\npublications:\n  - topic: " + opened +
         "\n    source: business\n    table: public.firm\n    watermark: qianzhi_mark\n    reconcile: {at: \"02:30\"}\n"
         "    items: {registration_number: reg_no, enterprise_name: name, area_code: {area: {column: district}}}\n"
         "subscriptions:\n  - {topic: " +
         issued + ", target: received, table: public.codes, compare: {at: \"03:00\"}}\n";
}

std::string mariadb_parts(const std::string& socket) {
  const std::string place = "type: mysql, socket: " + socket + ", database: quality, user: root";
  return "sources:\n  business: {" + place + ", capture: watermark, poll_interval: 100ms}\ntargets:\n  received: {" +
         place + "}\npublications:\n  - topic: " + issued +
         "\n    source: business\n    table: cert\n    watermark: qianzhi_mark\n    reconcile: {at: \"02:30\"}\n"
         "    items: {organisation_code: code, organisation_name: name, area_code: {area: {column: district}}}\n"
         "subscriptions:\n  - {topic: " +
         opened + ", target: received, table: firms, compare: {at: \"03:00\"}}\n";
}

struct Pair {
  Pair() : database(crash::open_postgresql(postgres.dsn())) {
    mariadb.run_script("CREATE DATABASE quality", "mysql");
    city.enrol(on_postgresql, "commerce", postgres_parts(postgres.dsn()));
    city.enrol(on_mariadb, "quality", mariadb_parts(mariadb.socket().string()));
    city.hub_says({"provision", "add", opened, on_postgresql});
    city.hub_says({"provision", "add", issued, on_mariadb});
    city.hub_says({"grant", "add", opened, "quality", "--purpose", "市场监管", "--basis", "共享办法"});
    city.hub_says({"grant", "add", issued, "commerce", "--purpose", "市场监管", "--basis", "共享办法"});
    database->run("CREATE TABLE firm(reg_no text PRIMARY KEY, name text, district text)");
    mariadb.run_script(
        "CREATE TABLE cert(code varchar(9) COLLATE utf8mb4_nopad_bin PRIMARY KEY, name varchar(200), "
        "district varchar(6)) DEFAULT CHARSET utf8mb4",
        "quality");
    const std::string catalogue = QIANZHI_SOURCE_DIR "/conf/catalogue";
    database->run(city.says(on_postgresql, {"plan", "--catalogue", catalogue, "install"}));
    mariadb.run_script(city.says(on_mariadb, {"plan", "--catalogue", catalogue, "install"}), "quality");
    for (const char* agent : {on_postgresql, on_mariadb}) city.start(agent);
  }
  void both(const std::string& on_firm, const std::string& on_cert) {
    database->run(on_firm);
    mariadb.run_script(on_cert, "quality");
  }
  // As "value\tvalue", a row a line.
  std::string in_mariadb(const std::string& query) const {
    return crash::run({"/usr/bin/mariadb", "--no-defaults", "-S", mariadb.socket().string(), "-u", "root", "-N", "-B",
                       "--default-character-set=utf8mb4", "quality", "-e", query},
                      city.file("mariadb.log"))
        .text;
  }
  std::string in_postgresql(const std::string& query) const {
    std::string text;
    for (std::string row : database->rows(query)) {
      row.pop_back();
      for (char& c : row)
        if (c == '|') c = '\t';
      text += row + "\n";
    }
    return text;
  }
  void await_equal() const {
    await_same(
        "PostgreSQL to MariaDB",
        [&] { return in_postgresql("SELECT reg_no, name FROM firm ORDER BY reg_no COLLATE \"C\""); },
        [&] { return in_mariadb("SELECT registration_number, enterprise_name FROM firms ORDER BY 1"); });
    await_same(
        "MariaDB to PostgreSQL", [&] { return in_mariadb("SELECT code, name FROM cert ORDER BY code"); },
        [&] {
          return in_postgresql(
              "SELECT organisation_code, organisation_name FROM codes ORDER BY organisation_code COLLATE \"C\"");
        });
  }
  template <typename Source, typename Target>
  void await_same(const std::string& what, const Source& source, const Target& target) const {
    std::string wanted, got;
    try {
      city.await(what, [&] { return (wanted = source()) == (got = target()) && !wanted.empty(); });
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(error.what() + ("\nsource:\n" + wanted + "target:\n" + got));
    }
  }

  NewExchange city;
  test::PostgresServer postgres;
  test::MariadbServer mariadb;
  std::unique_ptr<crash::Database> database;
};

}  // namespace

TEST_CASE(
    "P26 P33 R3.3 whole agents by watermark on PostgreSQL and MariaDB: rows arrive, deletes by reconcile, and a "
    "comparison cures either target") {
  Pair pair;
  pair.both("INSERT INTO firm SELECT 'F' || n, '企业' || n, '440103' FROM generate_series(1, 40) n",
            "INSERT INTO cert SELECT CONCAT('C', seq), CONCAT('机构', seq), '440104' FROM seq_1_to_40");
  pair.await_equal();
  CHECK(pair.in_mariadb("SELECT count(*) FROM firms") == "40\n");
  pair.both("UPDATE firm SET name = name || '改' WHERE reg_no LIKE 'F2%'",
            "UPDATE cert SET name = CONCAT(name, '改') WHERE code LIKE 'C3%'");
  pair.await_equal();

  // A watermark sees no delete: a comparison with what was sent does.
  pair.both("DELETE FROM firm WHERE reg_no = 'F7'", "DELETE FROM cert WHERE code = 'C9'");
  pair.city.says(on_postgresql, {"reconcile", opened});
  pair.city.says(on_mariadb, {"reconcile", issued});
  pair.await_equal();
  CHECK(pair.in_mariadb("SELECT count(*) FROM firms") == "39\n");

  // Somebody changed and lost received rows.
  pair.mariadb.run_script("DELETE FROM firms WHERE registration_number = 'F1'", "quality");
  pair.mariadb.run_script("UPDATE firms SET enterprise_name = '假' WHERE registration_number = 'F3'", "quality");
  pair.database->run("DELETE FROM codes WHERE organisation_code = 'C1'");
  pair.database->run("UPDATE codes SET organisation_name = '假' WHERE organisation_code = 'C2'");
  pair.city.says(on_mariadb, {"compare", opened});
  pair.city.says(on_postgresql, {"compare", issued});
  pair.await_equal();
  for (const char* agent : {on_postgresql, on_mariadb}) pair.city.stop(agent);
}
