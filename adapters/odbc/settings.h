// The connection string, made of the options that the agent hands over.
#pragma once

#include <string>

#include "adapters/api/adapter.h"
#include "adapters/odbc/dialect.h"

namespace qianzhi::odbc {

// DSN or keywords as configured, what the dialect's driver needs, and the password. Holds a secret. Throws
// Error(misuse, QZ-ADP-010) if neither is given, or if a password stands in the options.
std::string connection_text(const adapter::Connection& connection, const Dialect& dialect);

// Value of a keyword, whatever its case, of a connection string; empty if it is not there.
std::string keyword_of(const std::string& text, std::string_view keyword);

}  // namespace qianzhi::odbc
