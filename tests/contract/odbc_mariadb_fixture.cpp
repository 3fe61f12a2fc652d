// A database on a throw-away MariaDB server, reached through MariaDB Connector/ODBC. The department, too: no other
// client library is needed then.
#include <sql.h>
#include <sqlext.h>

#include <stdexcept>

#include "tests/contract/odbc_fixture.h"
#include "tests/support/mariadb_server.h"

namespace qianzhi::test::contract {

namespace {

// Starting a server costs more than a test, so a program has one, and a fixture a database in it.
MariadbServer& server() {
  static MariadbServer shared({"max_allowed_packet=64M"});
  return shared;
}

std::string connect_text() {
  return "Driver={MariaDB Unicode};Socket=" + server().socket().string() + ";UID=root;CHARSET=utf8mb4";
}

SQLCHAR* text_of_sql(const std::string& sql) {
  return reinterpret_cast<SQLCHAR*>(const_cast<char*>(sql.data()));  // NOLINT: ODBC takes no const
}

// The department's own client, with scripts of several statements.
class Client {
 public:
  explicit Client(const std::string& text) {
    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment_);
    SQLSetEnvAttr(environment_, SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);  // NOLINT
    SQLAllocHandle(SQL_HANDLE_DBC, environment_, &connection_);
    const SQLRETURN done =
        SQLDriverConnect(connection_, nullptr, text_of_sql(text), SQL_NTS, nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
    if (!SQL_SUCCEEDED(done)) throw std::runtime_error("the department cannot connect");
  }
  ~Client() {
    SQLDisconnect(connection_);
    SQLFreeHandle(SQL_HANDLE_DBC, connection_);
    SQLFreeHandle(SQL_HANDLE_ENV, environment_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Rows execute(const std::string& sql) {
    SQLHSTMT statement = SQL_NULL_HSTMT;
    SQLAllocHandle(SQL_HANDLE_STMT, connection_, &statement);
    const std::unique_ptr<void, void (*)(void*)> guard(statement, [](void* s) { SQLFreeHandle(SQL_HANDLE_STMT, s); });
    SQLRETURN done = SQLExecDirect(statement, text_of_sql(sql), static_cast<SQLINTEGER>(sql.size()));
    Rows rows;
    for (; SQL_SUCCEEDED(done) || done == SQL_NO_DATA; done = SQLMoreResults(statement)) {
      take(statement, rows);
      if (done == SQL_NO_DATA) return rows;
    }
    SQLCHAR state[6] = {};
    SQLCHAR words[512] = {};
    SQLINTEGER native = 0;
    SQLSMALLINT size = 0;
    SQLGetDiagRec(SQL_HANDLE_STMT, statement, 1, state, &native, words, sizeof words, &size);
    throw std::runtime_error(reinterpret_cast<const char*>(words));
  }

 private:
  static void take(SQLHSTMT statement, Rows& rows) {
    SQLSMALLINT columns = 0;
    SQLNumResultCols(statement, &columns);
    while (columns > 0 && SQL_SUCCEEDED(SQLFetch(statement))) {
      rows.emplace_back();
      for (SQLSMALLINT i = 1; i <= columns; ++i) {
        char text[1024] = {};
        SQLLEN size = 0;
        SQLGetData(statement, static_cast<SQLUSMALLINT>(i), SQL_C_CHAR, text, sizeof text, &size);
        rows.back().push_back(size == SQL_NULL_DATA ? "<null>" : text);
      }
    }
  }
  SQLHENV environment_ = SQL_NULL_HENV;
  SQLHDBC connection_ = SQL_NULL_HDBC;
};

class OdbcMariadbFixture final : public OdbcFixture {
 public:
  explicit OdbcMariadbFixture(Way way) : OdbcFixture(way) {
    Client(connect_text()).execute("CREATE DATABASE department CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin");
  }
  ~OdbcMariadbFixture() override {
    adapter_.reset();
    department_.reset();
    beside_.reset();
    Client(connect_text()).execute("DROP DATABASE department");
  }
  OdbcMariadbFixture(const OdbcMariadbFixture&) = delete;
  OdbcMariadbFixture& operator=(const OdbcMariadbFixture&) = delete;

  adapter::Connection connection() override {
    return {{{"dialect", "mariadb"}, {"connect", connect_text() + ";Database=department"}}, {}};
  }
  std::string slow_number() const override {
    return "SELECT count(*) FROM information_schema.COLLATIONS a, information_schema.COLLATIONS b,"
           " information_schema.COLLATIONS c, information_schema.COLLATIONS d WHERE CONCAT(a.ID, b.ID, c.ID, d.ID) <> "
           "'x'";
  }
  void run(const std::string& sql) override {
    // Scripts with compound statements are for the command-line client, as a DBA runs them.
    if (sql.find("DELIMITER") != std::string::npos) return server().run_script(sql, "department");
    department().execute(sql);
  }
  adapter::Connection connection_as(const std::string& user) override {
    adapter::Connection connection = OdbcMariadbFixture::connection();
    std::string& text = connection.options["connect"];
    text.replace(text.find("UID=root"), 8, "UID=" + user);
    return connection;
  }
  void drop_user(const std::string& user) override { run("DROP USER " + user); }
  bool run_beside(const std::string& sql) override {
    if (beside_ == nullptr) beside_ = std::make_unique<Client>(connect_text() + ";Database=department");
    beside_->execute(sql);
    return true;
  }
  std::string long_text() const override { return "LONGTEXT"; }
  Rows query(const std::string& sql) override { return department().execute(sql); }
  bool save_copy() override {
    swap([] { server().save_copy("copy"); });
    return true;
  }
  void restore_copy() override {
    swap([] { server().restore_copy("copy"); });
  }
  bool disable_capture(const adapter::SourceSpec& spec, const std::string& table) override {
    run("DROP TRIGGER qianzhi_" + spec.name + "_" + table + (is_watermark() ? "_n" : "_u"));
    return true;
  }

 protected:
  pid_t server_process() const override { return server().process(); }

 private:
  Client& department() {
    if (department_ == nullptr) {
      department_ = std::make_unique<Client>(connect_text() + ";Database=department;Option=67108864");
      department_->execute("SET sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'");
    }
    return *department_;
  }
  template <typename Change>
  void swap(const Change& change) {
    department_.reset();
    beside_.reset();
    server().stop();
    change();
    server().start();
  }

  std::unique_ptr<Client> department_;
  std::unique_ptr<Client> beside_;
};

}  // namespace

std::unique_ptr<OdbcFixture> make_odbc_fixture(Way way) { return std::make_unique<OdbcMariadbFixture>(way); }

std::unique_ptr<Fixture> make_fixture(Way way) { return std::make_unique<OdbcMariadbFixture>(way); }

std::vector<Way> ways() { return {Way::direct, Way::process}; }

}  // namespace qianzhi::test::contract
