// What a server's SQLSTATE means for us. Decided by the five characters alone, never by message text, and never
// showing the server's text where it may quote a row's values (classes 22, 23, P0).
#pragma once

#include <string>
#include <string_view>

#include "hub-protocol/base/error.h"

struct pg_conn;
struct pg_result;

namespace qianzhi::postgresql {

// 40001 serialization, 40P01 deadlock, 53 resources, 55006/55P03 busy, 57 shutdown or timeout, 08 connection ->
// unavailable; 53100 -> full; 28 -> misuse QZ-PG-002; 42501 -> misuse QZ-PG-003; 42 -> misuse QZ-ADP-011;
// XX001, XX002 -> corrupt; 21, 22, 23, P0 -> rejected QZ-ADP-033; anything else -> misuse QZ-PG-018. No SQLSTATE:
// unavailable. doing: what we were about, for the detail.
Error error_of(const pg_result* result, const pg_conn* connection, std::string_view doing);

std::string sqlstate_of(const pg_result* result);

// How a row was refused.
struct RowRefusal {
  std::string code;
  std::string detail;
  bool may_heal = false;
};

// True if the statement failed because of a row's values or constraints and the connection is fine.
bool is_row_failure(std::string_view sqlstate);
RowRefusal refusal_of(const pg_result* result);

}  // namespace qianzhi::postgresql
