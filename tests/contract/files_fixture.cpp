// A department that has only exports: it works in a database of its own, which the adapter never sees, and after each
// commit drops the whole of each table that changed as a CSV file.
#include <fstream>
#include <map>

#include "adapters/api/process_adapter.h"
#include "adapters/files/files_adapter.h"
#include "hub-protocol/sqlite/database.h"
#include "tests/contract/fixture.h"
#include "tests/support/children.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test::contract {

namespace {

std::string csv_of(const Rows& rows, const std::vector<std::string>& header) {
  std::string text;
  for (std::size_t i = 0; i < header.size(); ++i) text += (i == 0 ? "" : ",") + header[i];
  for (const auto& row : rows) {
    text += "\r\n";
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i != 0) text += ',';
      if (row[i] == "<null>") continue;
      text += '"';
      for (const char c : row[i]) text.append(c == '"' ? 2 : 1, c);
      text += '"';
    }
  }
  return text + "\r\n";
}

class FilesFixture final : public Fixture {
 public:
  explicit FilesFixture(Way way) : way_(way) {
    adapter_ = way == Way::process ? adapter::make_process_adapter(QIANZHI_ADAPTER_FILES, clock_)
                                   : adapter::make_files_adapter(clock_);
    for (const auto& folder : {drop(), drop() / "archive", drop() / "rejected"})
      std::filesystem::create_directory(folder);
    department();
  }

  adapter::Adapter& adapter() override { return *adapter_; }
  adapter::CaptureMode mode() const override { return adapter::CaptureMode::journal; }
  bool is_text_only() const override { return true; }

  adapter::Connection connection() override {
    return {{{"folder", drop().string()},
             {"state", (directory_ / "state").string()},
             {"marker", ".done"},
             {"look", "0"},
             {"most_removed", "100"},
             {"table.firm.full", "firm-*.csv"},
             {"table.part.full", "part-*.csv"},
             {"table.other.full", "other-*.csv"}},
            {}};
  }

  void run(const std::string& sql) override {
    if (sql.rfind("# ", 0) == 0) return;  // commands of the plan: the folders are there
    department().execute(sql);
    for (const char* table : {"firm", "part", "other"}) drop(table);
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
    department().prepare("VACUUM INTO ?1").bind(1, (directory_ / "department-copy.db").string()).run();
    sqlite::Database spool(directory_ / "state" / "spool.db", own());
    spool.prepare("VACUUM INTO ?1").bind(1, (directory_ / "spool-copy.db").string()).run();
    return true;
  }

  void restore_copy() override {
    department_.reset();
    std::filesystem::rename(directory_ / "department-copy.db", directory_ / "department.db");
    for (const char* suffix : {"-wal", "-shm"})
      std::filesystem::remove(directory_ / "state" / ("spool.db" + std::string(suffix)));
    std::filesystem::rename(directory_ / "spool-copy.db", directory_ / "state" / "spool.db");
  }

  bool kill_adapter() override {
    if (way_ == Way::process) kill_children();
    return way_ == Way::process;
  }

 private:
  static sqlite::OpenOptions own() {
    sqlite::OpenOptions options;
    options.own_store = false;
    return options;
  }

  std::filesystem::path drop() const { return directory_ / "drop"; }

  sqlite::Database& department() {
    if (!department_) department_ = std::make_unique<sqlite::Database>(directory_ / "department.db", own());
    return *department_;
  }

  void drop(const std::string& table) {
    std::vector<std::string> header;
    for (const auto& row : query("SELECT name FROM pragma_table_info('" + table + "')")) header.push_back(row[0]);
    if (header.empty()) return;
    const std::string text = csv_of(query("SELECT * FROM " + table), header);
    if (last_[table] == text) return;
    last_[table] = text;
    const std::filesystem::path file = drop() / (table + "-" + std::to_string(1'000'000 + ++number_) + ".csv");
    std::ofstream(file, std::ios::binary) << text;
    std::ofstream(file.string() + ".done");
  }

  TempDir directory_;
  Way way_;
  SystemClock clock_;
  std::unique_ptr<adapter::Adapter> adapter_;
  std::unique_ptr<sqlite::Database> department_;
  std::map<std::string, std::string> last_;
  int number_ = 0;
};

}  // namespace

std::unique_ptr<Fixture> make_fixture(Way way) { return std::make_unique<FilesFixture>(way); }

std::vector<Way> ways() { return {Way::direct, Way::process}; }

}  // namespace qianzhi::test::contract
