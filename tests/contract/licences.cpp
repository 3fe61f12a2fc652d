#include "tests/contract/licences.h"

#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

void install_licences(Fixture& fixture) {
  fixture.run(
      "CREATE TABLE licence(id INTEGER NOT NULL PRIMARY KEY, code VARCHAR(60), name VARCHAR(200), issued DATE,"
      " amount DECIMAL(12,2), kind CHAR(6));"
      "CREATE INDEX licence_code ON licence(code);"
      "INSERT INTO licence VALUES(1, 'A1', 'first', '2024-02-29', 12.25, 'AB');"
      "INSERT INTO licence VALUES(2, 'A2', 'second', '2024-03-01', 100.25, 'ABCDEF');"
      "INSERT INTO licence VALUES(3, 'A2', NULL, '2024-03-02', 0.01, NULL);"
      "INSERT INTO licence VALUES(4, '007', 'bond', NULL, NULL, 'AB');"
      "INSERT INTO licence VALUES(5, '7', 'seven', NULL, NULL, 'X');");
}

adapter::LookupSpec licence_spec(Fixture& fixture) {
  adapter::LookupSpec spec;
  spec.connection = fixture.connection();
  spec.name = "licences";
  const std::vector<std::string> columns{"id", "name"};
  spec.statements = {{"by_code", "licence", {"code"}, "", {}, {"id", "name", "issued", "amount"}, {}},
                     {"by_id", "licence", {"id"}, "", {}, columns, {}},
                     {"by_both", "licence", {"code", "issued"}, "", {}, columns, {}},
                     {"by_amount", "licence", {"amount"}, "", {}, columns, {}},
                     {"by_kind", "licence", {"kind"}, "", {}, columns, {}},
                     {"by_issued", "licence", {"issued"}, "", {}, columns, {}},
                     {"by_text",
                      "",
                      {},
                      "SELECT l.name, l.id FROM licence l -- what :the_dba wrote; ':code'\n"
                      "WHERE l.code = :code AND l.amount >= :least AND ':code' <> 'x';  /* :code */",
                      {"code", "least"},
                      columns,
                      {ItemType::text, ItemType::decimal}}};
  return spec;
}

adapter::LookupSpec text_spec(Fixture& fixture, const std::string& text, const std::vector<std::string>& parameters,
                              const std::vector<std::string>& columns) {
  adapter::LookupSpec spec;
  spec.connection = fixture.connection();
  spec.name = "licences";
  spec.statements = {{"text", "", {}, text, parameters, columns, {}},
                     {"by_id", "licence", {"id"}, "", {}, {"id", "name"}, {}}};
  return spec;
}

Column column_of(const std::vector<std::string>& values) {
  Column column;
  for (const std::string& value : values) {
    if (value == "<null>")
      column.append_null();
    else
      column.append(value);
  }
  return column;
}

std::vector<std::string> rows_of(const adapter::Found& found) {
  std::vector<std::string> rows;
  for (std::size_t row = 0; row < found.question.size(); ++row) {
    rows.push_back(std::to_string(found.question[row]) + ":");
    for (std::size_t i = 0; i < found.columns.size(); ++i)
      rows.back() += (i == 0 ? " " : "|") + text_of(found.columns[i], row);
  }
  return rows;
}

std::vector<std::string> ask(adapter::Lookup& lookup, std::size_t statement, const std::vector<std::string>& values) {
  return rows_of(lookup.find(statement, {column_of(values)}, 100, {}));
}

bool has_lookup(Fixture& fixture) { return fixture.adapter().capabilities().lookup; }

}  // namespace qianzhi::test::contract
