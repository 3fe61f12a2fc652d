#include <sql.h>
#include <sqlext.h>

#include <cstring>
#include <utility>

#include "adapters/odbc/session.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

constexpr std::size_t piece_octets = 16384;

}  // namespace

Rows::Rows(Session& session, void* statement, std::vector<bool> is_long, std::string doing)
    : session_(&session), statement_(statement), doing_(std::move(doing)) {
  SQLSMALLINT count = 0;
  if (!SQL_SUCCEEDED(SQLNumResultCols(statement_, &count)))
    throw error_of(failure_of(SQL_HANDLE_STMT, statement_, session_->dialect()), doing_);
  values_.resize(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values_.size(); ++i) {
    Value& value = values_[i];
    value.is_long = is_long.empty() || is_long[i];
    if (value.is_long) continue;
    value.buffer.resize(bound_octets + 1);
    static_assert(sizeof(SQLLEN) == sizeof(long));
    const SQLRETURN bound = SQLBindCol(statement_, static_cast<SQLUSMALLINT>(i + 1), SQL_C_CHAR, value.buffer.data(),
                                       static_cast<SQLLEN>(value.buffer.size()), &value.indicator);
    if (!SQL_SUCCEEDED(bound)) throw error_of(failure_of(SQL_HANDLE_STMT, statement_, session_->dialect()), doing_);
  }
}

Rows::Rows(Rows&& other) noexcept
    : session_(other.session_),
      statement_(std::exchange(other.statement_, nullptr)),
      doing_(std::move(other.doing_)),
      values_(
          std::move(other.values_)),  // the buffers are too large to lie within the strings: they stay where they are
      overflow_(other.overflow_) {}

Rows::~Rows() {
  if (statement_ == nullptr) return;
  SQLFreeStmt(statement_, SQL_CLOSE);
  SQLFreeStmt(statement_, SQL_UNBIND);
}

bool Rows::next() {
  const SQLRETURN fetched = SQLFetch(statement_);
  if (fetched == SQL_NO_DATA) return false;
  if (!SQL_SUCCEEDED(fetched)) throw error_of(failure_of(SQL_HANDLE_STMT, statement_, session_->dialect()), doing_);
  for (std::size_t i = 0; i < values_.size(); ++i) {
    Value& value = values_[i];
    if (value.is_long) {
      take_pieces(i, value);
    } else if (!take_bound(value)) {
      overflow_ = i;
      return true;
    }
  }
  return true;
}

// A value that fills its buffer may be longer, whatever the driver says.
bool Rows::take_bound(Value& value) const {
  value.state = value.indicator == SQL_NULL_DATA ? State::null : State::value;
  return value.state == State::null ||
         (value.indicator >= 0 && static_cast<std::size_t>(value.indicator) < bound_octets);
}

// A piece ends where the driver put a NUL: it may leave out octets that would cut a character in two. The texts that we
// ask for hold none.
void Rows::take_pieces(std::size_t column, Value& value) {
  value.octets.clear();
  value.state = State::value;
  std::size_t size = 0;
  std::optional<std::size_t> promised;
  for (;;) {
    value.buffer.resize(piece_octets);
    SQLLEN indicator = 0;
    const SQLRETURN got = SQLGetData(statement_, static_cast<SQLUSMALLINT>(column + 1), SQL_C_CHAR, value.buffer.data(),
                                     static_cast<SQLLEN>(value.buffer.size()), &indicator);
    if (got == SQL_NO_DATA) break;
    if (!SQL_SUCCEEDED(got)) throw error_of(failure_of(SQL_HANDLE_STMT, statement_, session_->dialect()), doing_);
    if (indicator == SQL_NULL_DATA) {
      value.state = State::null;
      return;
    }
    if (!promised && indicator >= 0) promised = static_cast<std::size_t>(indicator);
    const bool cut = indicator < 0 || static_cast<std::size_t>(indicator) >= piece_octets;
    const std::size_t piece =
        cut ? strnlen(value.buffer.data(), piece_octets - 1) : static_cast<std::size_t>(indicator);
    size += piece;
    if (size <= longest_value) value.octets.append(value.buffer, 0, piece);
    if (!cut) break;
    if (piece == 0) throw Error(ErrorKind::corrupt, "QZ-ODB-007", doing_ + ": the driver gives a value without an end");
  }
  if (promised && *promised != size)
    throw Error(ErrorKind::corrupt, "QZ-ODB-007",
                doing_ + ": the driver gave " + std::to_string(size) + " octets of " + std::to_string(*promised));
  if (size <= longest_value) return;
  value.state = State::too_long;
  value.octets = std::to_string(size);
}

std::string_view Rows::text(std::size_t column) const {
  const Value& value = values_[column];
  if (value.state == State::null) return {};
  if (value.is_long) return value.octets;
  return {value.buffer.data(), static_cast<std::size_t>(value.indicator)};
}

}  // namespace qianzhi::odbc
