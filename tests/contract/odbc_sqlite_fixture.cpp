// A SQLite file, reached through libsqliteodbc.
#include "hub-protocol/sqlite/database.h"
#include "tests/contract/odbc_fixture.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test::contract {

namespace {

class OdbcSqliteFixture final : public OdbcFixture {
 public:
  explicit OdbcSqliteFixture(Way way) : OdbcFixture(way) { department().execute("PRAGMA journal_mode=WAL"); }

  adapter::Connection connection() override {
    return {{{"dialect", "sqlite"}, {"connect", "Driver={SQLite3};Database=" + file().string()}}, {}};
  }
  // As the shell does, a script goes on behind a column that is there already.
  std::string slow_number() const override { return {}; }
  void run(const std::string& sql) override {
    const std::size_t adds = sql.find("ALTER TABLE \"firm\" ADD COLUMN");
    const bool there = adds != std::string::npos &&
                       !query("SELECT 1 FROM pragma_table_info('firm') WHERE name = 'qianzhi_mark'").empty();
    if (!there) return department().execute(sql);
    std::string rest = sql;
    department().execute(rest.erase(adds, rest.find(';', adds) + 1 - adds));
  }
  Rows query(const std::string& sql) override {
    Rows rows;
    sqlite::Statement statement = department().prepare(sql);
    while (statement.step()) {
      rows.emplace_back();
      for (int i = 0; i < statement.columns(); ++i)
        rows.back().push_back(statement.is_null(i) ? "<null>" : statement.text(i));
    }
    return rows;
  }
  bool save_copy() override {
    department().prepare("VACUUM INTO ?1").bind(1, (directory_ / "copy.db").string()).run();
    return true;
  }
  // Into the same file: the driver keeps it open.
  void restore_copy() override {
    department_.reset();
    sqlite::Database copy(directory_ / "copy.db", options());
    copy.prepare("ATTACH DATABASE ?1 AS live").bind(1, file().string()).run();
    std::vector<std::string> tables;
    sqlite::Statement list = copy.prepare("SELECT name FROM main.sqlite_master WHERE type = 'table'");
    while (list.step()) tables.push_back(list.text(0));
    sqlite::Transaction transaction(copy);
    std::vector<std::string> triggers;
    sqlite::Statement found = copy.prepare("SELECT sql FROM live.sqlite_master WHERE type = 'trigger'");
    while (found.step()) triggers.push_back(found.text(0));
    sqlite::Statement names = copy.prepare("SELECT name FROM live.sqlite_master WHERE type = 'trigger'");
    std::vector<std::string> dropped;
    while (names.step()) dropped.push_back(names.text(0));
    for (const std::string& name : dropped) copy.execute("DROP TRIGGER live.\"" + name + "\"");
    for (const std::string& table : tables) {
      copy.execute("DELETE FROM live.\"" + table + "\"");
      copy.execute("INSERT INTO live.\"" + table + "\" SELECT * FROM main.\"" + table + "\"");
    }
    transaction.commit();
    for (const std::string& sql : triggers) department().execute(sql);
  }
  bool disable_capture(const adapter::SourceSpec& spec, const std::string& table) override {
    run("DROP TRIGGER \"qianzhi_" + spec.name + "_" + table + (is_watermark() ? "_n" : "_u") + "\"");
    return true;
  }

 private:
  static sqlite::OpenOptions options() {
    sqlite::OpenOptions options;
    options.own_store = false;
    return options;
  }
  std::filesystem::path file() const { return directory_ / "department.db"; }
  sqlite::Database& department() {
    if (department_ == nullptr) department_ = std::make_unique<sqlite::Database>(file(), options());
    return *department_;
  }

  TempDir directory_;
  std::unique_ptr<sqlite::Database> department_;
};

}  // namespace

std::unique_ptr<OdbcFixture> make_odbc_fixture(Way way) { return std::make_unique<OdbcSqliteFixture>(way); }

std::unique_ptr<Fixture> make_fixture(Way way) { return std::make_unique<OdbcSqliteFixture>(way); }

std::vector<Way> ways() { return {Way::direct, Way::process}; }

}  // namespace qianzhi::test::contract
