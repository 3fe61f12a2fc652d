// A department that has only workbooks: it works in a database of its own, which the adapter never sees, and after each
// commit drops each table that changed as a workbook. The adapter is written in another language (conf/examples), so
// that it is called as a process only.
#include <fstream>
#include <map>

#include "adapters/api/process_adapter.h"
#include "hub-protocol/sqlite/database.h"
#include "tests/contract/fixture.h"
#include "tests/contract/xlsx_book.h"
#include "tests/support/children.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test::contract {

namespace {

class XlsxFixture final : public Fixture {
 public:
  XlsxFixture() : adapter_(adapter::make_process_adapter(QIANZHI_ADAPTER_XLSX, clock_)) {
    for (const auto& folder : {drop(), drop() / "archive", drop() / "rejected"})
      std::filesystem::create_directory(folder);
    department();
  }

  adapter::Adapter& adapter() override { return *adapter_; }
  adapter::CaptureMode mode() const override { return adapter::CaptureMode::journal; }
  bool is_text_only() const override { return true; }
  bool looks() const override { return false; }

  adapter::Connection connection() override {
    return {{{"folder", drop().string()},
             {"state", (directory_ / "state").string()},
             {"marker", ".done"},
             {"look", "0"},
             {"most_removed", "100"},
             {"table.firm.files", "firm-*.xlsx"},
             {"table.part.files", "part-*.xlsx"},
             {"table.other.files", "other-*.xlsx"}},
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
    std::filesystem::copy_file(state(), directory_ / "state-copy.db");
    return true;
  }

  void restore_copy() override {
    department_.reset();
    std::filesystem::rename(directory_ / "department-copy.db", directory_ / "department.db");
    std::filesystem::rename(directory_ / "state-copy.db", state());
  }

  bool kill_adapter() override {
    kill_children();
    return true;
  }

 private:
  std::filesystem::path drop() const { return directory_ / "drop"; }
  std::filesystem::path state() const { return directory_ / "state" / "state.db"; }

  sqlite::Database& department() {
    sqlite::OpenOptions options;
    options.own_store = false;
    if (!department_) department_ = std::make_unique<sqlite::Database>(directory_ / "department.db", options);
    return *department_;
  }

  void drop(const std::string& table) {
    std::vector<std::string> header;
    for (const auto& row : query("SELECT name FROM pragma_table_info('" + table + "')")) header.push_back(row[0]);
    if (header.empty()) return;
    const std::string octets = workbook_of(table, header, query("SELECT * FROM " + table));
    if (last_[table] == octets) return;
    last_[table] = octets;
    const std::filesystem::path file = drop() / (table + "-" + std::to_string(1'000'000 + ++number_) + ".xlsx");
    std::ofstream(file, std::ios::binary) << octets;
    std::ofstream(file.string() + ".done");
  }

  TempDir directory_;
  SystemClock clock_;
  std::unique_ptr<adapter::Adapter> adapter_;
  std::unique_ptr<sqlite::Database> department_;
  std::map<std::string, std::string> last_;
  int number_ = 0;
};

}  // namespace

std::unique_ptr<Fixture> make_fixture(Way) { return std::make_unique<XlsxFixture>(); }

std::vector<Way> ways() { return {Way::process}; }

}  // namespace qianzhi::test::contract
