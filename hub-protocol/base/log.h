// One line a fact, to standard error. As text: priority prefix for journald, time, where, code, sentence. As JSON, for
// collectors: one object a line of time, level, where, text, and for an error also kind, code, detail, hint (if there
// is one), zh and en (its title); names and levels do not change. Messages carry no secrets and no row values. Safe to
// call from any thread.
#pragma once

#include <string_view>

#include "hub-protocol/base/error.h"

namespace qianzhi {

enum class LogLevel { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

// where: the stage, stream or source it is about. Newlines and control characters in message are escaped.
void log(LogLevel level, std::string_view where, std::string_view message);

// Logs an error with its code, kind and hint.
void log(std::string_view where, const Error& error);

enum class LogForm { text, json };
// Default: text.
void set_log_form(LogForm form);
LogForm log_form();

// Lines less urgent than this are dropped. Default: info.
void set_log_level(LogLevel level);

}  // namespace qianzhi
