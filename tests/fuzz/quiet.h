// A line for each of a million bad inputs tells nothing: our log and the one of Protocol Buffers are off.
#pragma once

#include <google/protobuf/stubs/logging.h>

#include "hub-protocol/base/log.h"

namespace qianzhi::test {

inline const bool is_quiet = [] {
  google::protobuf::SetLogHandler(nullptr);
  set_log_level(static_cast<LogLevel>(0));
  return true;
}();

}  // namespace qianzhi::test
