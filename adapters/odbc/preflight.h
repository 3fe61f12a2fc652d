// What preflights of sources and targets share.
#pragma once

#include "adapters/odbc/dialect.h"
#include "adapters/odbc/findings.h"

namespace qianzhi::odbc {

// A notice for a dialect that was never tried on a real server.
void check_dialect(const Dialect& dialect, Findings& findings);

}  // namespace qianzhi::odbc
