#include "adapters/postgresql/failure.h"

#include <libpq-fe.h>

#include <algorithm>

namespace qianzhi::postgresql {

namespace {

std::string field(const PGresult* result, int which) {
  const char* text = result == nullptr ? nullptr : PQresultErrorField(result, which);
  return text == nullptr ? std::string() : std::string(text);
}

std::string one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

struct Meaning {
  ErrorKind kind;
  std::string_view code;
  bool quotes_rows = false;
};

Meaning meaning_of(std::string_view state) {
  const std::string_view group = state.substr(0, 2);
  if (state.empty() || group == "08") return {ErrorKind::unavailable, "QZ-PG-001"};
  if (state == "53100") return {ErrorKind::full, "QZ-PG-007"};
  if (group == "53") return {ErrorKind::unavailable, "QZ-PG-007"};
  if (state == "55006") return {ErrorKind::unavailable, "QZ-PG-005"};
  if (group == "40" || state == "55P03" || state == "57014") return {ErrorKind::unavailable, "QZ-PG-006"};
  if (group == "57" || group == "25") return {ErrorKind::unavailable, "QZ-PG-001"};
  if (group == "28") return {ErrorKind::misuse, "QZ-PG-002"};
  if (state == "42501") return {ErrorKind::misuse, "QZ-PG-003"};
  if (group == "42" || group == "3D" || group == "3F") return {ErrorKind::misuse, "QZ-ADP-011"};
  if (state == "XX001" || state == "XX002") return {ErrorKind::corrupt, "QZ-PG-008"};
  if (is_row_failure(state)) return {ErrorKind::rejected, "QZ-ADP-033", true};
  return {ErrorKind::misuse, "QZ-PG-018"};
}

// Names are ours or the DBA's; values never stand in these fields.
std::string names_in(const PGresult* result) {
  std::string text = "SQLSTATE " + sqlstate_of(result);
  const std::string table = field(result, PG_DIAG_TABLE_NAME);
  const std::string column = field(result, PG_DIAG_COLUMN_NAME);
  const std::string constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  if (!table.empty()) text += ", table " + table;
  if (!column.empty()) text += ", column " + column;
  if (!constraint.empty()) text += ", constraint " + constraint;
  return text;
}

}  // namespace

std::string sqlstate_of(const pg_result* result) { return field(result, PG_DIAG_SQLSTATE); }

Error error_of(const pg_result* result, const pg_conn* connection, std::string_view doing) {
  std::string state = sqlstate_of(result);
  // libpq reports a broken connection as an error without SQLSTATE.
  if (connection != nullptr && PQstatus(connection) == CONNECTION_BAD && state.substr(0, 2) != "28") state.clear();
  const Meaning meaning = meaning_of(state);
  std::string detail(doing);
  if (meaning.quotes_rows) {
    detail += ": " + names_in(result);
  } else {
    std::string text = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (text.empty() && connection != nullptr) text = PQerrorMessage(connection);
    detail += ": " + one_line(std::move(text));
    if (!state.empty()) detail += " (SQLSTATE " + state + ")";
  }
  return Error(meaning.kind, meaning.code, detail);
}

bool is_row_failure(std::string_view state) {
  const std::string_view group = state.substr(0, 2);
  return group == "21" || group == "22" || group == "23" || group == "P0" || group == "44" || state == "54000";
}

RowRefusal refusal_of(const pg_result* result) {
  const std::string state = sqlstate_of(result);
  const std::string names = names_in(result);
  if (state == "23505" || state == "23P01") return {"QZ-ADP-031", names, true};
  if (state == "23503") return {"QZ-ADP-032", names, true};
  if (state.substr(0, 2) == "22") return {"QZ-ADP-034", names, false};
  return {"QZ-ADP-033", names, false};
}

}  // namespace qianzhi::postgresql
