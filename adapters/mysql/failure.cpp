#include "adapters/mysql/failure.h"

#include <errmsg.h>
#include <mysqld_error.h>

#include <algorithm>

namespace qianzhi::mysql {

namespace {

struct Meaning {
  ErrorKind kind;
  std::string_view code;
  bool quotes_rows = false;
};

// Numbers that some headers do not name yet.
constexpr unsigned statement_timeout = 1969;  // max_statement_time
constexpr unsigned connection_killed = 1927;
constexpr unsigned snapshot_too_old = 1412;  // the table was altered since the snapshot began
constexpr unsigned would_write = 1792;       // a write within a read-only transaction
constexpr unsigned check_failed = 4025;      // CONSTRAINT ... failed

Meaning meaning_of(unsigned number) {
  switch (number) {
    case 1044:  // no right to the database
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_SPECIFIC_ACCESS_DENIED_ERROR:
    case ER_PROCACCESS_DENIED_ERROR: return {ErrorKind::misuse, "QZ-MY-003"};
    case ER_ACCESS_DENIED_ERROR:
    case ER_HOST_NOT_PRIVILEGED: return {ErrorKind::misuse, "QZ-MY-002"};
    case CR_SSL_CONNECTION_ERROR: return {ErrorKind::misuse, "QZ-MY-004"};
    case would_write: return {ErrorKind::misuse, "QZ-ADP-061"};
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_LOCK_DEADLOCK:
    case statement_timeout:
    case snapshot_too_old: return {ErrorKind::unavailable, "QZ-MY-005"};
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL: return {ErrorKind::full, "QZ-MY-006"};
    case ER_CON_COUNT_ERROR:
    case ER_OUT_OF_RESOURCES:
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_USER_LIMIT_REACHED:
    case ER_OUTOFMEMORY: return {ErrorKind::unavailable, "QZ-MY-006"};
    case ER_CRASHED_ON_USAGE:
    case ER_NOT_KEYFILE:
    case ER_CRASHED_ON_REPAIR: return {ErrorKind::corrupt, "QZ-MY-007"};
    case ER_BAD_DB_ERROR:
    case ER_NO_SUCH_TABLE:
    case ER_BAD_FIELD_ERROR: return {ErrorKind::misuse, "QZ-ADP-011"};
    default: break;
  }
  if (is_connection_failure(number)) return {ErrorKind::unavailable, "QZ-MY-001"};
  if (is_row_failure(number)) return {ErrorKind::rejected, "QZ-ADP-033", true};
  return {ErrorKind::misuse, "QZ-MY-008"};
}

}  // namespace

bool is_connection_failure(unsigned number) {
  if (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR) return number != CR_COMMANDS_OUT_OF_SYNC;
  return number == ER_SERVER_SHUTDOWN || number == connection_killed || number == ER_NET_READ_INTERRUPTED ||
         number == ER_NET_READ_ERROR || number == ER_NET_ERROR_ON_WRITE || number == ER_NET_PACKET_TOO_LARGE ||
         number == ER_NEW_ABORTING_CONNECTION || number == ER_ABORTING_CONNECTION;
}

Error error_of(unsigned number, std::string_view message, std::string_view doing) {
  const Meaning meaning = meaning_of(number);
  std::string detail(doing);
  if (!meaning.quotes_rows) {
    std::string line(message);
    std::replace(line.begin(), line.end(), '\n', ' ');
    detail += ": " + line;
  }
  detail += " (error " + std::to_string(number) + ")";
  return Error(meaning.kind, meaning.code, detail);
}

bool is_row_failure(unsigned number) {
  switch (number) {
    case ER_DUP_KEY:
    case ER_DUP_ENTRY:
    case ER_DUP_UNKNOWN_IN_INDEX:
    case ER_DUP_ENTRY_WITH_KEY_NAME:
    case ER_BAD_NULL_ERROR:
    case ER_NO_DEFAULT_FOR_FIELD:
    case ER_NO_REFERENCED_ROW:
    case ER_NO_REFERENCED_ROW_2:
    case ER_ROW_IS_REFERENCED:
    case ER_ROW_IS_REFERENCED_2:
    case ER_WARN_DATA_OUT_OF_RANGE:
    case WARN_DATA_TRUNCATED:
    case ER_TRUNCATED_WRONG_VALUE:
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
    case ER_DATA_TOO_LONG:
    case ER_TOO_BIG_ROWSIZE:
    case ER_NO_PARTITION_FOR_GIVEN_VALUE:
    case ER_SIGNAL_EXCEPTION:
    case check_failed: return true;
    default: return false;
  }
}

RowRefusal refusal_of(unsigned number) {
  const std::string detail = "error " + std::to_string(number);
  switch (number) {
    case ER_DUP_KEY:
    case ER_DUP_ENTRY:
    case ER_DUP_UNKNOWN_IN_INDEX:
    case ER_DUP_ENTRY_WITH_KEY_NAME: return {"QZ-ADP-031", detail, true};
    case ER_NO_REFERENCED_ROW:
    case ER_NO_REFERENCED_ROW_2:
    case ER_ROW_IS_REFERENCED:
    case ER_ROW_IS_REFERENCED_2: return {"QZ-ADP-032", detail, true};
    case ER_WARN_DATA_OUT_OF_RANGE:
    case WARN_DATA_TRUNCATED:
    case ER_TRUNCATED_WRONG_VALUE:
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
    case ER_DATA_TOO_LONG:
    case ER_TOO_BIG_ROWSIZE: return {"QZ-ADP-034", detail, false};
    default: return {"QZ-ADP-033", detail, false};
  }
}

}  // namespace qianzhi::mysql
