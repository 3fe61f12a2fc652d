// What a MariaDB server's error number means for us. Decided by the number alone, never by message text, and never
// showing the server's text where it may quote a row's values.
#pragma once

#include <string>
#include <string_view>

#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

// Lost or refused connections, shutdown -> unavailable QZ-MY-001; login -> misuse QZ-MY-002; missing rights -> misuse
// QZ-MY-003; TLS -> misuse QZ-MY-004; locks, timeouts, conflicts -> unavailable QZ-MY-005; resources -> unavailable or
// full QZ-MY-006; damage -> corrupt QZ-MY-007; unknown names -> misuse QZ-ADP-011; a lookup that writes -> misuse
// QZ-ADP-061; refused rows -> rejected QZ-ADP-033; anything else -> misuse QZ-MY-008. message: the server's, shown
// unless it may quote values.
Error error_of(unsigned number, std::string_view message, std::string_view doing);

// How a row was refused.
struct RowRefusal {
  std::string code;
  std::string detail;  // without row values
  bool may_heal = false;
};

// True if the number says that this row, and not the statement or the connection, is at fault.
bool is_row_failure(unsigned number);
RowRefusal refusal_of(unsigned number);

// The connection cannot be used any more.
bool is_connection_failure(unsigned number);

}  // namespace qianzhi::mysql
