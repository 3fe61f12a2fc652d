#include "agent/desk/cases/outcome_intake.h"

#include <charconv>
#include <utility>

#include "agent/desk/cases/case_tables.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

constexpr std::int64_t rows_per_transaction = 2000;

constexpr const char* new_rows =
    "CREATE TEMP TABLE IF NOT EXISTS case_new(number INTEGER PRIMARY KEY, key TEXT, content TEXT, file TEXT, "
    "subject TEXT, party TEXT, code TEXT, person TEXT, time TEXT, note TEXT)";

std::string text_or_empty(const std::string& column) { return "coalesce(CAST(" + column + " AS TEXT), '')"; }

std::string fill_statement(const Table& table, const ResultTable& results, const std::string& rule) {
  std::string key;
  for (const std::string& item : table.key)
    key.append(key.empty() ? "" : ", ").append(text_or_empty(case_column(table, item, rule)));
  std::string values;
  for (const std::string& item :
       {results.number, results.subject, results.party, results.code, results.person, results.time, results.note})
    values.append(values.empty() ? "" : ", ").append(text_or_empty(case_column(table, item, rule)));
  return "INSERT INTO case_new(key, content, file, subject, party, code, person, time, note) SELECT * FROM (SELECT "
         "json_array(" +
         key + ") AS k, json_array(" + values + ") AS content, " + values + " FROM " + table.name +
         ") t WHERE NOT EXISTS (SELECT 1 FROM main.case_intake i WHERE i.source = ?1 AND i.key = t.k AND i.content = "
         "t.content AND i.applied = 1)";
}

[[noreturn]] void no_case(const std::string& what) { throw Error(ErrorKind::rejected, "QZ-DSK-120", what); }

}  // namespace

OutcomeIntake::OutcomeIntake(CaseBook& book, const std::map<std::string, Table>& tables) : book_(book) {
  for (const CaseRule& rule : book_.config().rules)
    for (const ResultTable& results : rule.results) {
      const Table& table = case_table(tables, results.table, rule.rule);
      if (table.key.empty())
        throw Error(ErrorKind::misuse, "QZ-DSK-108", "cases of " + rule.rule + ": " + table.id + " has no key");
      sources_.push_back({rule.rule, rule.rule + "/" + table.id, fill_statement(table, results, rule.rule)});
    }
  book_.store().database().execute(new_rows);
}

IntakeCounts OutcomeIntake::run_once(Micros now) {
  IntakeCounts counts;
  sqlite::Database& database = book_.store().database();
  for (const Source& source : sources_) {
    database.execute("DELETE FROM temp.case_new");
    database.prepare(source.fill).bind(1, source.name).run();
    std::int64_t last = 0;
    for (std::vector<Row> rows = take(last); !rows.empty(); rows = take(last)) {
      last = rows.back().number;
      sqlite::Transaction transaction(database);
      for (const Row& row : rows) {
        if (take_in(source, row, now))
          ++counts.applied;
        else
          ++counts.rejected;
      }
      transaction.commit();
    }
    database.execute("DELETE FROM temp.case_new");
  }
  return counts;
}

std::vector<OutcomeIntake::Row> OutcomeIntake::take(std::int64_t after) {
  sqlite::Statement statement = book_.store().database().prepare(
      "SELECT number, key, content, file, subject, party, code, person, time, note FROM temp.case_new "
      "WHERE number > ?1 ORDER BY number LIMIT ?2");
  statement.bind(1, after).bind(2, rows_per_transaction);
  std::vector<Row> rows;
  while (statement.step()) {
    Row row;
    row.number = statement.integer(0);
    int at = 0;
    for (std::string* text :
         {&row.key, &row.content, &row.file, &row.subject, &row.party, &row.code, &row.person, &row.time, &row.note})
      *text = statement.text(++at);
    rows.push_back(std::move(row));
  }
  return rows;
}

CaseFile OutcomeIntake::file_for(const Source& source, const Row& row) {
  std::optional<CaseFile> file;
  if (!row.file.empty()) {
    std::int64_t number = 0;
    const auto end = std::from_chars(row.file.data(), row.file.data() + row.file.size(), number);
    if (end.ec == std::errc() && end.ptr == row.file.data() + row.file.size()) file = book_.store().find(number);
    if (file && file->rule != source.rule) file.reset();
  } else if (!row.party.empty()) {
    file = book_.store().find(source.rule, row.subject, row.party);
  } else {
    file = book_.store().find_only(source.rule, row.subject);
  }
  if (!file) no_case("no case of " + source.rule + " for this row");
  return std::move(*file);
}

void OutcomeIntake::apply(const Source& source, const Row& row, Micros now) {
  CaseFile file = file_for(source, row);
  const OutcomeKind* kind = book_.config().rule(source.rule)->outcome(row.code);
  if (kind == nullptr) throw Error(ErrorKind::rejected, "QZ-DSK-123", "no outcome is written so");
  const std::string who = row.person.empty() ? source.name : row.person;
  book_.outcome(file, *kind, row.time, row.note, {who, now});
}

bool OutcomeIntake::take_in(const Source& source, const Row& row, Micros now) {
  sqlite::Database& database = book_.store().database();
  bool is_applied = true;
  try {
    apply(source, row, now);
    database.prepare("UPDATE main.case_rejected SET resolved = ?3 WHERE source = ?1 AND key = ?2 AND resolved = 0")
        .bind(1, source.name)
        .bind(2, row.key)
        .bind(3, now)
        .run();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejected) throw;
    is_applied = false;
    sqlite::Statement insert = database.prepare(
        "INSERT INTO main.case_rejected(source, key, content, code, reason, time) VALUES(?1, ?2, ?3, ?4, ?5, ?6) "
        "ON CONFLICT DO UPDATE SET code = excluded.code, reason = excluded.reason");
    insert.bind(1, source.name).bind(2, row.key).bind(3, row.content).bind(4, error.code());
    insert.bind(5, error.detail()).bind(6, now).run();
  }
  sqlite::Statement mark = database.prepare(
      "INSERT INTO main.case_intake(source, key, content, applied, time) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO "
      "UPDATE "
      "SET content = excluded.content, applied = excluded.applied, time = excluded.time");
  mark.bind(1, source.name).bind(2, row.key).bind(3, row.content).bind(4, is_applied ? 1 : 0).bind(5, now).run();
  return is_applied;
}

}  // namespace qianzhi::desk
