// Cases, events and feeds in the program as its operator runs it.
#include <signal.h>

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

#include "hub-protocol/base/calendar.h"
#include "hub-protocol/service/control.h"
#include "hub-protocol/sqlite/database.h"
#include "tests/crash/program.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

const std::string program_file = R"(version: 1
desk: {id: tax, language: zh-CN, timezone: Asia/Shanghai}
database: desk.db
received: [{name: received, file: received.db}]
poll: 100ms
tables:
  - {id: commerce.opening, table: received.opening, key: [reg]}
  - {id: tax.taxpayer, table: received.tax, key: [id]}
rules:
  - id: no_tax
    kind: missing
    title: 应办未办税务登记
    on_change: true
    base: {table: commerce.opening, subject: reg, since: since, name: name}
    parties: [{party: tax, table: tax.taxpayer, join: reg}]
    notice: 20d
    warning: 30d
outlets:
  - {id: list, kind: file, file: list.csv, format: csv, columns: [text]}
cases:
  - rule: no_tax
    deadline: 30
    default_office: 征管科
    notice: {outlet: list, fields: {text: "提醒 {title}"}}
    warning: {outlet: list, fields: {text: "预警 {title}"}}
    urge: {outlet: list, fields: {text: "催办 {title}"}}
events:
  - {id: fresh, on: {change: commerce.opening}, outlet: list, fields: {text: "新设 {name}"}}
)";

class CaseProgram {
 public:
  CaseProgram() : received_(dir_ / "received.db", {}) {
    received_.execute(
        "CREATE TABLE opening(reg TEXT PRIMARY KEY, name TEXT, since TEXT);"
        "CREATE TABLE tax(id TEXT PRIMARY KEY, reg TEXT);"
        "INSERT INTO opening VALUES('R1', '甲公司', '2008-01-01')");
    write(program_file + "case_staff: [{user: " + service::own_user() + ", role: head}]\n");
  }
  void write(const std::string& text) const { std::ofstream(dir_ / "desk.yaml", std::ios::binary) << text; }
  std::vector<std::string> command(std::vector<std::string> words) const {
    words.insert(words.begin(), QIANZHI_DESK);
    words.push_back("-c");
    words.push_back((dir_ / "desk.yaml").string());
    return words;
  }
  crash::Output run(const std::vector<std::string>& words) const { return crash::run(command(words), dir_ / "out"); }
  std::string list() const {
    std::ifstream file(dir_ / "list.csv", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const TempDir& dir() const { return dir_; }
  sqlite::Database& received() { return received_; }

 private:
  TempDir dir_;
  sqlite::Database received_;
};

bool says(const std::string& text, const std::string& word) { return text.find(word) != std::string::npos; }

}  // namespace

TEST_CASE("S1.7 S2.3 S2.11 the running program opens, warns and closes cases, and tells each once") {
  CaseProgram program;
  program.received().execute(program.run({"plan"}).text);
  {
    crash::Program running(program.command({"run"}), program.dir() / "log");
    while (!says(program.list(), "预警 甲公司") && !running.ended()) {
    }
    program.received().execute("INSERT INTO opening VALUES('R2', '乙公司', '2008-01-01')");
    while (!(says(program.list(), "新设 乙公司") && says(program.list(), "预警 乙公司")) && !running.ended()) {
    }
    // The running program carries it out, between two turns.
    CHECK(std::filesystem::is_socket(program.dir() / "desk.db.sock"));
    CHECK(says(program.run({"case", "urge", "2"}).text, "已办理"));
    CHECK(says(program.run({"case", "urge", "7"}).text, "QZ-DSK-120"));
    CHECK(says(program.run({"case", "list", "--json"}).text, R"("state":"urged")"));
    running.signal(SIGTERM);
    CHECK(running.wait(30).exit == 0);
  }
  CHECK(says(program.run({"case", "urge", "1", "电话"}).text, "已办理"));
  CHECK(says(program.run({"case", "list"}).text, "1  urged  R1  甲公司"));
  CHECK(says(program.run({"case", "show", "2", "--json"}).text, R"("office":"征管科")"));
  CHECK(says(program.run({"case", "urge", "7"}).text, "QZ-DSK-120"));
  CHECK(program.run({"case", "burn", "1"}).exit == 2);
  // Registered: the case closes when the program runs again, and nothing is told anew but the urging.
  program.received().execute("INSERT INTO tax VALUES('T1', 'R1')");
  {
    crash::Program running(program.command({"run"}), program.dir() / "log");
    while (!says(program.run({"case", "list", "state=closed"}).text, "R1") && !running.ended()) {
    }
    running.signal(SIGTERM);
    CHECK(running.wait(30).exit == 0);
  }
  const std::string all = program.list();
  for (const char* once : {"预警 甲公司", "预警 乙公司", "新设 乙公司", "催办 甲公司"}) {
    INFO(once);
    REQUIRE(says(all, once));
    CHECK(all.find(once) == all.rfind(once));
  }
  CHECK(!says(all, "新设 甲公司"));
  CHECK(says(program.run({"notice", "list", "sent"}).text, "event:fresh"));
}

TEST_CASE("S4.9 the program's check tells which feed is refused, and why") {
  CaseProgram program;
  const crash::Output unplanned = program.run({"check"});
  // What cannot be followed yet is told, with its cure.
  CHECK(says(unplanned.text, "QZ-DSK-005"));
  CHECK(says(unplanned.text, "qianzhi-desk plan"));
  program.received().execute(program.run({"plan"}).text);
  std::filesystem::create_directory(program.dir() / "open");
  program.write(program_file + "catalogue: " + QIANZHI_SOURCE "/conf/catalogue\nfeeds:\n" +
                "  - {id: f, table: commerce.opening, topics: [commerce.opening_registration], items: [reg, name], "
                "folder: open}\n");
  const crash::Output check = program.run({"check"});
  CHECK(check.exit == 1);
  INFO(check.text);
  CHECK(says(check.text, "QZ-DSK-150"));
  CHECK(std::filesystem::is_empty(program.dir() / "open"));
}
