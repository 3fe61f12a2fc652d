// Source::look(): tables as they are now, and what is read afterwards is read as they are (pitfall 28).
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

namespace {

std::vector<std::string> names_of(const adapter::TableInfo& table) {
  std::vector<std::string> names;
  for (const adapter::ColumnInfo& column : table.columns) names.push_back(column.name);
  return names;
}

bool has(const adapter::TableInfo& table, const std::string& column) {
  const auto names = names_of(table);
  return std::find(names.begin(), names.end(), column) != names.end();
}

adapter::TableInfo seen(adapter::Source& source, bool count = false) {
  const auto tables = source.look({0}, count);
  REQUIRE(tables.size() == 1);
  return tables.front();
}

}  // namespace

TEST_CASE("P28 look tells columns, types, nullability and key, and each change of them") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  const auto source = fixture->adapter().open_source(firm_spec(*fixture));
  if (!fixture->looks()) {
    CHECK(source->look({0}, true).empty());
    return;
  }
  const adapter::TableInfo before = seen(*source);
  CHECK(before.name == "firm");
  for (const char* name : {"id", "district", "name"}) CHECK(has(before, name));
  CHECK(before.key == std::vector<std::string>{"id"});
  for (const adapter::ColumnInfo& column : before.columns) {
    CAPTURE(column.name);
    if (column.name == "id") CHECK_FALSE(column.nullable);
    if (column.name == "name") CHECK(column.nullable);
    if (has(before, column.name) && column.name != fixture->watermark()) CHECK(column.type == ItemType::text);
  }
  if (fixture->is_text_only()) return;  // the table is our own
  fixture->run("ALTER TABLE firm ADD COLUMN extra VARCHAR(20)");
  CHECK(has(seen(*source), "extra"));
  fixture->run("ALTER TABLE firm RENAME COLUMN name TO title");
  CHECK_FALSE(has(seen(*source), "name"));
  CHECK(has(seen(*source), "title"));
  fixture->run("DROP TABLE firm");
  CHECK(seen(*source).columns.empty());
  fixture->run(firm_ddl);
  CHECK(has(seen(*source), "name"));
}

TEST_CASE("look estimates rows only where that is asked for, and says when it does not know") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!fixture->looks()) return;
  install_firm(*fixture);
  std::string script;
  for (int i = 0; i < 40; ++i)
    script += "INSERT INTO firm(id, district, name) VALUES('" + std::to_string(i) + "', 'd', 'n');";
  fixture->run(script);
  const auto source = fixture->adapter().open_source(firm_spec(*fixture));
  if (fixture->is_text_only()) source->present();  // takes the file
  const std::int64_t rows = seen(*source, true).rows;
  CAPTURE(rows);
  CHECK(rows >= -1);
  CHECK(rows <= 400);
}

TEST_CASE("P28 a column that was renamed and renamed back is read again as it is, by the same source") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (fixture->is_text_only()) return;
  install_firm(*fixture);
  const auto source = fixture->adapter().open_source(firm_spec(*fixture));
  fixture->run("INSERT INTO firm(id, district, name) VALUES('1', 'd1', 'one')");
  seen(*source);
  CHECK(text_of(source->read_snapshot(0, {}, {}).columns.at(2), 0) == "one");
  fixture->run(
      "ALTER TABLE firm RENAME COLUMN name TO title; ALTER TABLE firm ADD COLUMN name VARCHAR(20) DEFAULT 'new'");
  CHECK(has(seen(*source), "name"));
  CHECK(text_of(source->read_snapshot(0, {}, {}).columns.at(2), 0) == "new");
}

}  // namespace qianzhi::test::contract
