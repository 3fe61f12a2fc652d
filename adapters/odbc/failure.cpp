#include "adapters/odbc/failure.h"

#include <sql.h>
#include <sqlext.h>

#include <array>

namespace qianzhi::odbc {

namespace {

// Behind the dialect's rules: the classes of the standard, and the driver manager's own states.
constexpr std::array<ErrorRule, 25> standard_rules{
    {{"IM", 0, Meaning::no_driver},  {"01000", 0, Meaning::no_driver},   {"01S00", 0, Meaning::no_driver},
     {"08", 0, Meaning::away},       {"HYT", 0, Meaning::busy},          {"40", 0, Meaning::busy},
     {"28", 0, Meaning::login},      {"42501", 0, Meaning::rights},      {"HY008", 0, Meaning::busy},
     {"S1T00", 0, Meaning::busy},    {"23503", 0, Meaning::foreign_key}, {"23505", 0, Meaning::unique},
     {"21", 0, Meaning::value},      {"22", 0, Meaning::value},          {"23", 0, Meaning::constraint},
     {"44", 0, Meaning::constraint}, {"27", 0, Meaning::constraint},     {"42", 0, Meaning::missing},
     {"37", 0, Meaning::missing},    {"S0", 0, Meaning::missing},        {"3D", 0, Meaning::missing},
     {"3F", 0, Meaning::missing},    {"53", 0, Meaning::full},           {"57", 0, Meaning::away},
     {"25", 0, Meaning::away}}};

Meaning meaning_in(const ErrorRule& rule, const Failure& failure) {
  const bool fits = failure.state.compare(0, rule.state.size(), rule.state) == 0 &&
                    (rule.native == 0 || rule.native == failure.native);
  return fits ? rule.meaning : Meaning::unknown;
}

Meaning meaning_of(const Failure& failure, const Dialect& dialect) {
  for (const ErrorRule& rule : dialect.errors)
    if (const Meaning meaning = meaning_in(rule, failure); meaning != Meaning::unknown) return meaning;
  for (const ErrorRule& rule : standard_rules)
    if (const Meaning meaning = meaning_in(rule, failure); meaning != Meaning::unknown) return meaning;
  return Meaning::unknown;
}

std::string words_of(const Failure& failure, std::string_view doing) {
  return std::string(doing) + ": SQLSTATE " + (failure.state.empty() ? "none" : failure.state) + ", native error " +
         std::to_string(failure.native);
}

}  // namespace

Failure failure_of(short type, void* handle, const Dialect& dialect) {
  Failure failure;
  std::array<SQLCHAR, 6> state{};
  SQLINTEGER native = 0;
  SQLSMALLINT length = 0;
  std::array<SQLCHAR, 2> ignored{};
  const SQLRETURN got = SQLGetDiagRec(type, handle, 1, state.data(), &native, ignored.data(), ignored.size(), &length);
  if (SQL_SUCCEEDED(got)) {
    failure.state.assign(reinterpret_cast<const char*>(state.data()), 5);
    failure.native = native;
  }
  failure.meaning = meaning_of(failure, dialect);
  return failure;
}

Error error_of(const Failure& failure, std::string_view doing) {
  const std::string words = words_of(failure, doing);
  switch (failure.meaning) {
    case Meaning::away: return {ErrorKind::unavailable, "QZ-ODB-001", words};
    case Meaning::busy: return {ErrorKind::unavailable, "QZ-ODB-004", words};
    case Meaning::full: return {ErrorKind::full, "QZ-ODB-009", words};
    case Meaning::login: return {ErrorKind::misuse, "QZ-ODB-002", words};
    case Meaning::rights: return {ErrorKind::misuse, "QZ-ODB-003", words};
    case Meaning::missing: return {ErrorKind::misuse, "QZ-ADP-011", words};
    case Meaning::corrupt: return {ErrorKind::corrupt, "QZ-ODB-010", words};
    case Meaning::no_driver: return {ErrorKind::misuse, "QZ-ODB-005", words};
    case Meaning::unique:
    case Meaning::foreign_key:
    case Meaning::constraint:
    case Meaning::value: return {ErrorKind::rejected, "QZ-ADP-033", words};
    case Meaning::unknown: break;
  }
  if (failure.state.empty()) return {ErrorKind::unavailable, "QZ-ODB-001", words};
  return {ErrorKind::misuse, "QZ-ODB-008", words};
}

bool is_row_failure(const Failure& failure) {
  return failure.meaning == Meaning::unique || failure.meaning == Meaning::foreign_key ||
         failure.meaning == Meaning::constraint || failure.meaning == Meaning::value;
}

RowRefusal refusal_of(const Failure& failure, const Dialect& dialect, bool removing) {
  const std::string words = words_of(failure, "writing a row");
  const bool vague = dialect.vague_constraints && failure.meaning == Meaning::constraint;
  if (failure.meaning == Meaning::foreign_key || (vague && removing)) return {"QZ-ADP-032", words, true};
  if (failure.meaning == Meaning::unique || vague) return {"QZ-ADP-031", words, true};
  if (failure.meaning == Meaning::value) return {"QZ-ADP-034", words, false};
  return {"QZ-ADP-033", words, false};
}

}  // namespace qianzhi::odbc
