// A database on a throw-away PostgreSQL server, reached through psqlODBC.
#include <libpq-fe.h>

#include <catch2/catch.hpp>
#include <stdexcept>

#include "tests/contract/odbc_fixture.h"
#include "tests/support/postgres_server.h"

namespace qianzhi::test::contract {

namespace {

// Starting a server costs more than a test, so a program has one, and a fixture a database in it.
PostgresServer& server() {
  static PostgresServer shared;
  return shared;
}

using Query = std::unique_ptr<PGresult, void (*)(PGresult*)>;

class OdbcPostgresqlFixture final : public OdbcFixture {
 public:
  explicit OdbcPostgresqlFixture(Way way) : OdbcFixture(way) { admin("CREATE DATABASE department"); }
  ~OdbcPostgresqlFixture() override {
    adapter_.reset();
    department_.reset();
    beside_.reset();
    admin("DROP DATABASE department WITH (FORCE)");
  }
  OdbcPostgresqlFixture(const OdbcPostgresqlFixture&) = delete;
  OdbcPostgresqlFixture& operator=(const OdbcPostgresqlFixture&) = delete;

  adapter::Connection connection() override {
    const std::string socket = server().data().parent_path().string();
    return {
        {{"dialect", "postgresql"},
         {"connect", "Driver={PostgreSQL Unicode};Server=" + socket + ";Port=5432;Database=department;UID=postgres"}},
        {}};
  }
  void run(const std::string& sql) override { execute(sql); }
  adapter::Connection connection_as(const std::string& user) override {
    adapter::Connection connection = OdbcPostgresqlFixture::connection();
    std::string& text = connection.options["connect"];
    text.replace(text.find("UID=postgres"), std::string::npos, "UID=" + user);
    return connection;
  }
  void drop_user(const std::string& user) override { run("DROP OWNED BY " + user + "; DROP ROLE " + user); }
  bool run_beside(const std::string& sql) override {
    if (beside_ == nullptr) beside_.reset(PQconnectdb(server().dsn("department").c_str()));
    const Query result(PQexec(beside_.get(), sql.c_str()), [](PGresult* r) { PQclear(r); });
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) throw std::runtime_error(PQerrorMessage(beside_.get()));
    return true;
  }
  Rows query(const std::string& sql) override {
    const Query result = execute(sql);
    Rows rows;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      rows.emplace_back();
      for (int i = 0; i < PQnfields(result.get()); ++i)
        rows.back().push_back(PQgetisnull(result.get(), row, i) != 0 ? "<null>" : PQgetvalue(result.get(), row, i));
    }
    return rows;
  }
  // Of the one database, not of the cluster: quicker, and the same to a source.
  bool save_copy() override {
    department_.reset();
    admin("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'department'");
    admin("CREATE DATABASE copy TEMPLATE department");
    return true;
  }
  void restore_copy() override {
    department_.reset();
    admin("DROP DATABASE department WITH (FORCE)");
    admin("ALTER DATABASE copy RENAME TO department");
  }
  bool disable_capture(const adapter::SourceSpec& spec, const std::string& table) override {
    run("ALTER TABLE " + table + " DISABLE TRIGGER qianzhi_" + spec.name + "_" + table +
        (is_watermark() ? "_m" : "_r"));
    return true;
  }

 private:
  Query execute(const std::string& sql) {
    if (department_ == nullptr) department_.reset(PQconnectdb(server().dsn("department").c_str()));
    Query result(PQexec(department_.get(), sql.c_str()), [](PGresult* r) { PQclear(r); });
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
      throw std::runtime_error(PQerrorMessage(department_.get()));
    return result;
  }
  static void admin(const std::string& sql) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(server().dsn().c_str()), &PQfinish);
    const Query result(PQexec(connection.get(), sql.c_str()), [](PGresult* r) { PQclear(r); });
    INFO(PQerrorMessage(connection.get()));
    CHECK((PQresultStatus(result.get()) == PGRES_COMMAND_OK || PQresultStatus(result.get()) == PGRES_TUPLES_OK));
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> department_{nullptr, &PQfinish};
  std::unique_ptr<PGconn, decltype(&PQfinish)> beside_{nullptr, &PQfinish};
};

}  // namespace

std::unique_ptr<OdbcFixture> make_odbc_fixture(Way way) { return std::make_unique<OdbcPostgresqlFixture>(way); }

std::unique_ptr<Fixture> make_fixture(Way way) { return std::make_unique<OdbcPostgresqlFixture>(way); }

std::vector<Way> ways() { return {Way::direct, Way::process}; }

}  // namespace qianzhi::test::contract
