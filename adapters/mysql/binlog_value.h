// One value of a row in the binary log.
#pragma once

#include "adapters/mysql/binlog_octets.h"
#include "adapters/mysql/binlog_table.h"
#include "adapters/mysql/values.h"

namespace qianzhi::mysql {

// Takes the octets of one value. Throws Error(corrupt, QZ-MY-015) for a type we do not know: its length is unknown,
// too.
std::string_view take_value(Octets& from, const LoggedColumn& column);

// In canonical form. form: what the catalogue says, for types that the log does not tell apart (UUID, INET).
void append_logged(const LoggedColumn& column, Form form, std::string_view octets, Charsets& charsets, Column& values);

// Why a column cannot be read, or empty.
std::string unreadable(const LoggedColumn& column, const Charsets& charsets);

}  // namespace qianzhi::mysql
