// A desk on real files: received.db is written as a department's agent would, by a connection of its own.
#pragma once

#include <catch2/catch.hpp>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "agent/desk/app/desk_file.h"
#include "agent/desk/data/desk_store.h"
#include "agent/desk/rules/judge.h"
#include "agent/desk/rules/report.h"
#include "hub-protocol/base/calendar.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test {

class DeskClock final : public Clock {
 public:
  Micros now() const override { return now_; }
  Micros steady() const override { return now_; }
  void set(Micros time) { now_ = time; }

 private:
  Micros now_ = 0;
};

class DeskWorld {
 public:
  // yaml: of desk.yaml from `tables` on. received: SQL that makes received.db. own: SQL that makes tables of desk.db.
  DeskWorld(const std::string& yaml, const std::string& received, const std::string& own = {}) : yaml_(yaml) {
    writer = std::make_unique<sqlite::Database>(dir / "received.db", sqlite::OpenOptions{});
    writer->execute(received);
    if (!own.empty()) sqlite::Database(dir / "desk.db", {}).execute(own);
    day("2008-01-01");
    open();
  }

  // Reads the configuration and opens everything anew.
  void open() {
    std::ofstream(dir / "desk.yaml") << "version: 1\ndesk: {id: desk-01}\ndatabase: desk.db\nreceived:\n"
                                     << "  - {name: received, file: received.db}\n"
                                     << yaml_;
    open_file();
  }
  void open(const std::string& yaml) {
    yaml_ = yaml;
    open();
  }
  // The same with the file as it lies there.
  void open_file() {
    judge.reset();
    store.reset();
    yaml::Diagnostics diagnostics;
    file = desk::load_desk(dir / "desk.yaml", diagnostics);
    INFO(diagnostics.render());
    REQUIRE_FALSE(diagnostics.has_errors());
    store = std::make_unique<desk::DeskStore>(file.desk, clock);
    judge = std::make_unique<desk::Judge>(*store, file.rules, desk::Normalisers{});
  }
  // As the DBA does.
  void run_plan() {
    writer->execute(judge->changes().plan());
    open_file();
  }

  void day(const std::string& date, int hour = 9) {
    const auto day = day_from(date);
    REQUIRE(day.has_value());
    clock.set(begin_of(*day) + hour * Micros{3'600'000'000});
  }
  desk::Judgement all(const std::string& rule) { return judge->judge_all(judge->rule(rule)); }
  desk::Judgement changes(const std::string& rule) { return judge->judge_changes(judge->rule(rule)); }

  // "subject party level", sorted.
  std::vector<std::string> open_findings(const std::string& rule) {
    std::vector<std::string> found;
    sqlite::Statement row = store->database().prepare(
        "SELECT subject || ' ' || party || ' ' || level FROM finding WHERE rule = ?1 AND closed = 0 ORDER BY 1");
    row.bind(1, rule);
    while (row.step()) found.push_back(row.text(0));
    return found;
  }

  desk::Grid report(const std::string& id, const desk::Period& period = {}) {
    for (const desk::Report& one : file.reports)
      if (one.id == id) {
        desk::check_report(*store, *judge, one);
        return desk::run_report(*store, *judge, one, period);
      }
    FAIL("no report " << id);
    return {};
  }

  TempDir dir;
  DeskClock clock;
  desk::DeskFile file;
  std::unique_ptr<sqlite::Database> writer;
  std::unique_ptr<desk::DeskStore> store;
  std::unique_ptr<desk::Judge> judge;

 private:
  std::string yaml_;
};

// Puts rows into one table, all values as text; the caller brackets them in a transaction.
class RowWriter {
 public:
  RowWriter(sqlite::Database& database, const std::string& table, int columns) : database_(database) {
    sql_ = "INSERT INTO " + table + " VALUES (";
    for (int i = 0; i < columns; ++i) sql_ += i == 0 ? "?" : ", ?";
    sql_ += ")";
  }
  void add(const std::vector<std::string>& values) {
    sqlite::Statement row = database_.prepare(sql_);
    int column = 0;
    for (const std::string& value : values) row.bind(++column, value);
    row.run();
  }

 private:
  sqlite::Database& database_;
  std::string sql_;
};

using Rows = std::vector<std::vector<std::string>>;
using Texts = std::vector<std::string>;

}  // namespace qianzhi::test
