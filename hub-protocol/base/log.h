// One line a fact, to standard error: priority prefix for journald, time, code, where, sentence.
// Messages carry no secrets and no row values. Safe to call from any thread.
#pragma once

#include <string_view>

#include "hub-protocol/base/error.h"

namespace qianzhi {

enum class LogLevel { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

// where: the stage, stream or source it is about. Newlines and control characters in message are escaped.
void log(LogLevel level, std::string_view where, std::string_view message);

// Logs an error with its code, kind and hint.
void log(std::string_view where, const Error& error);

// Lines less urgent than this are dropped. Default: info.
void set_log_level(LogLevel level);

}  // namespace qianzhi
