// The SQL of all dialects, most of which have no server here: as files that a person can read and that a change shows
// in.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "adapters/odbc/keyset.h"
#include "adapters/odbc/plan.h"

namespace qianzhi::odbc {

namespace {

adapter::Connection connection_of(const Dialect& dialect) {
  return {{{"dialect", std::string(dialect.name)}, {"connect", "Driver=x;UID=reader"}}, {}};
}

adapter::SourceSpec source_of(const Dialect& dialect, adapter::CaptureMode mode) {
  const std::string prefix = dialect.schemas ? "tax." : "";
  return {connection_of(dialect),
          "registry",
          mode,
          {{prefix + "firm", {"area", "id", "name"}, {"area", "id"}, {"area"}, "qianzhi_mark"},
           {"part", {"id"}, {"id"}, {}, "qianzhi_mark"}},
          0};
}

adapter::TargetSpec target_of(const Dialect& dialect) {
  adapter::TargetTable table;
  table.table = "received";
  table.columns = {{"id", "编号", {}, ItemType::text, 18},        {"name", {}, {}, ItemType::text},
                   {"capital", {}, {}, ItemType::decimal, 18, 2}, {"since", {}, {}, ItemType::date},
                   {"changed", {}, {}, ItemType::timestamp},      {"open", {}, {}, ItemType::boolean},
                   {"count", {}, {}, ItemType::integer},          {"seal", {}, {}, ItemType::bytes}};
  table.key = {"id"};
  table.mode = adapter::ApplyMode::soft_delete;
  adapter::TargetTable history = table;
  history.table = "changes";
  history.mode = adapter::ApplyMode::history;
  history.history_table = "changes_history";
  return {connection_of(dialect), "inbox", {table, history}};
}

std::string part(const std::string& title, const adapter::Plan& plan) {
  return "==== " + title + ": install\n" + plan.install + "==== " + title + ": grants\n" + plan.grants +
         "==== " + title + ": uninstall\n" + plan.uninstall + "==== " + title + ": leftovers\n" + plan.leftovers;
}

// One column of each form, read by a key of two columns.
std::string read_statements(const Dialect& dialect) {
  CatalogTable table;
  std::vector<std::string> columns;
  const std::vector<std::pair<std::string, Form>> forms{
      {"t", Form::text},      {"i", Form::integer}, {"n", Form::decimal}, {"r", Form::real},  {"d", Form::date},
      {"s", Form::timestamp}, {"z", Form::instant}, {"b", Form::boolean}, {"o", Form::bytes}, {"x", Form::other}};
  for (const auto& [name, form] : forms) {
    std::string catalogued = name;
    if (dialect.upper) catalogued[0] = static_cast<char>(catalogued[0] - 'a' + 'A');
    table.columns.push_back({catalogued, "native", "native", false, form});
    columns.push_back(name);
  }
  const KeysetReader reader(dialect, "firm", table, columns, {"t", "i"}, "");
  return "==== first page\n" + reader.statement(true, 500) + "\n==== next page\n" + reader.statement(false, 500) + "\n";
}

std::string all_sql(const Dialect& dialect) {
  std::string text = part("compared", plan_source(source_of(dialect, adapter::CaptureMode::snapshot_only)));
  if (dialect.journal.offered) {
    text += part("journal", plan_source(source_of(dialect, adapter::CaptureMode::journal)));
    text += "==== fence\n" + std::string(dialect.journal.fence_sql) + "\n";
  }
  if (const WatermarkTexts& marks = dialect.watermark; marks.kind != MarkKind::none) {
    text += part("watermark", plan_source(source_of(dialect, adapter::CaptureMode::watermark)));
    for (const std::string_view sql : {marks.fence_sql, marks.draw_sql, marks.statements_sql, marks.transactions_sql,
                                       marks.server_sql, marks.age_sql})
      if (!sql.empty()) text += "==== watermark: asked\n" + with_marks_table(dialect, "registry", sql) + "\n";
  }
  return text + part("target", plan_target(target_of(dialect))) + read_statements(dialect);
}

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("the SQL of each dialect is what its golden file says") {
  const std::filesystem::path actual = QIANZHI_ODBC_ACTUAL;
  std::filesystem::create_directories(actual);
  for (const Dialect* dialect : all_dialects()) {
    const std::string file = std::string(dialect->name) + ".sql";
    const std::string sql = all_sql(*dialect);
    std::ofstream(actual / file, std::ios::binary) << sql;
    INFO("if the change is wanted: cp " << (actual / file).string() << " tests/golden/odbc/");
    CHECK((content_of(std::filesystem::path(QIANZHI_ODBC_GOLDEN) / file) == sql));
  }
}

TEST_CASE("P24 every page of every dialect is asked for with its limit, P25 and without row values where unknown") {
  for (const Dialect* dialect : all_dialects()) {
    const std::string sql = read_statements(*dialect);
    INFO(dialect->name << "\n" << sql);
    std::size_t limits = 0;
    for (std::size_t at = sql.find("500"); at != std::string::npos; at = sql.find("500", at + 1)) ++limits;
    CHECK(limits == 2);
    CHECK((sql.find(") > (") != std::string::npos) == dialect->row_values);
  }
}

TEST_CASE("no dialect leaves a place in its scripts unfilled") {
  for (const Dialect* dialect : all_dialects()) {
    const std::string sql = all_sql(*dialect);
    for (std::size_t at = sql.find('{'); at != std::string::npos; at = sql.find('{', at + 1)) {
      INFO(dialect->name << ": " << sql.substr(at, 40));
      CHECK(sql.compare(at, 3, "{s}") == 0);  // of a fence, filled when it is asked
    }
  }
}

TEST_CASE("a dialect that does not tell which marks are settled offers no watermark, P26") {
  std::string refused;
  for (const Dialect* dialect : all_dialects()) {
    INFO(dialect->name);
    const adapter::SourceSpec spec = source_of(*dialect, adapter::CaptureMode::watermark);
    if (dialect->watermark.kind != MarkKind::none) {
      CHECK(dialect->watermark.fence_sql.empty() == (dialect->watermark.kind == MarkKind::listed));
      continue;
    }
    CHECK_THROWS_WITH(plan_source(spec), Catch::Contains("QZ-ADP-021"));
    refused.append(dialect->name).append(" ");
  }
  CHECK(refused == "oracle dm db2 ");
}

TEST_CASE("a dialect without a known fence offers no journal, P26") {
  for (const Dialect* dialect : all_dialects()) {
    INFO(dialect->name);
    const adapter::SourceSpec spec = source_of(*dialect, adapter::CaptureMode::journal);
    if (dialect->journal.offered)
      CHECK((dialect->journal.fence == FenceKind::none) == dialect->journal.fence_sql.empty());
    else
      CHECK_THROWS_AS(plan_source(spec), Error);
  }
}

}  // namespace qianzhi::odbc
