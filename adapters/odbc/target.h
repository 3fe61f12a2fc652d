// Received tables through ODBC: rows and mark in one transaction.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"

namespace qianzhi::odbc {

std::unique_ptr<adapter::Target> make_target(const adapter::TargetSpec& spec);

std::vector<adapter::Finding> preflight_target(const adapter::TargetSpec& spec);

}  // namespace qianzhi::odbc
