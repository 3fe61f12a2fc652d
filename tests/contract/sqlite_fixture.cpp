#include "tests/contract/sqlite_fixture.h"

#include "adapters/api/process_adapter.h"
#include "tests/support/children.h"

namespace qianzhi::test::contract {

namespace {

sqlite::OpenOptions department_options() {
  sqlite::OpenOptions options;
  options.own_store = false;
  return options;
}

}  // namespace

SqliteFixture::SqliteFixture(Way way, std::shared_ptr<adapter::Waiter> waiter) : way_(way) {
  if (way == Way::process)
    adapter_ = adapter::make_process_adapter(QIANZHI_ADAPTER_SQLITE, clock_);
  else
    adapter_ = adapter::make_sqlite_adapter(clock_, std::move(waiter));
  department().execute("PRAGMA journal_mode=WAL");
}

sqlite::Database& SqliteFixture::department() {
  if (department_ == nullptr) department_ = std::make_unique<sqlite::Database>(file(), department_options());
  return *department_;
}

adapter::Connection SqliteFixture::connection() { return {{{"file", file().string()}}, {}}; }

void SqliteFixture::run(const std::string& sql) { department().execute(sql); }

Rows SqliteFixture::query(const std::string& sql) {
  Rows rows;
  sqlite::Statement statement = department().prepare(sql);
  while (statement.step()) {
    rows.emplace_back();
    for (int i = 0; i < statement.columns(); ++i)
      rows.back().push_back(statement.is_null(i) ? "<null>" : statement.text(i));
  }
  return rows;
}

bool SqliteFixture::save_copy() {
  department().prepare("VACUUM INTO ?1").bind(1, (directory_ / "copy.db").string()).run();
  return true;
}

void SqliteFixture::restore_copy() {
  department_.reset();
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(file().string() + suffix);
  std::filesystem::rename(directory_ / "copy.db", file());
  department().execute("PRAGMA journal_mode=WAL");
}

bool SqliteFixture::disable_capture(const adapter::SourceSpec& spec, const std::string& table) {
  run("DROP TRIGGER \"qianzhi_" + spec.name + "_" + table + "_u\"");
  return true;
}

bool SqliteFixture::kill_adapter() {
  if (way_ == Way::process) kill_children();
  return way_ == Way::process;
}

std::unique_ptr<Fixture> make_fixture(Way way) { return std::make_unique<SqliteFixture>(way); }

std::vector<Way> ways() { return {Way::direct, Way::process}; }

}  // namespace qianzhi::test::contract
