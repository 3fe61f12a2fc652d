// What an error of a driver or server means for us. Decided by SQLSTATE and the native number alone, by the rules of
// the dialect and then by the standard's classes, never by message text, which is never shown: it may quote a row's
// values.
#pragma once

#include <string>
#include <string_view>

#include "adapters/odbc/dialect.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

struct Failure {
  Meaning meaning = Meaning::unknown;
  std::string state;  // SQLSTATE
  int native = 0;
};

// handle: of ODBC; type: SQL_HANDLE_ENV, _DBC or _STMT.
Failure failure_of(short type, void* handle, const Dialect& dialect);

// unavailable QZ-ODB-001, -004; full QZ-ODB-009; misuse QZ-ODB-002, -003, -005, -008, QZ-ADP-011; corrupt QZ-ODB-010;
// rejected QZ-ADP-033 for rows.
Error error_of(const Failure& failure, std::string_view doing);

// True if it is about a row's values or constraints and the connection is fine.
bool is_row_failure(const Failure& failure);

// How a row was refused.
struct RowRefusal {
  std::string code;
  std::string detail;
  bool may_heal = false;
};
// removing: a row was to be removed.
RowRefusal refusal_of(const Failure& failure, const Dialect& dialect, bool removing);

}  // namespace qianzhi::odbc
