// How a program ends: the exit statuses, and how a failure is told. A script may rely on both.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/error.h"
#include "hub-protocol/command/language.h"

namespace qianzhi::command {

inline constexpr int status_good = 0;
inline constexpr int status_failed = 1;          // what was asked for was looked at, and does not hold or did not work
inline constexpr int status_usage = 2;           // the command line is wrong; nothing was done
inline constexpr int status_unreachable = 69;    // EX_UNAVAILABLE of sysexits.h: agent, hub or database do not answer
inline constexpr int status_io = 74;             // EX_IOERR: the desk's own database does not hold
inline constexpr int status_no_permission = 77;  // EX_NOPERM: this user, account or database login may not
inline constexpr int status_configuration = 78;  // EX_CONFIG: a file of the configuration is wrong or missing

struct StatusText {
  int status;
  std::string_view text;  // "中文 / English"
};
// Of all programs, for help and manual.
const std::vector<StatusText>& all_statuses();

// By kind and code, never by text.
int status_of(const Error& error);

// The error as one JSON object: code, kind, status, detail, hint, title_zh, title_en, cause_zh, cause_en, next_zh,
// next_en. With a line end.
std::string json_of(const Error& error);

// For a person, to standard error; with json as JSON to standard output instead. Returns status_of().
int tell(const Error& error, Language language, bool json);

}  // namespace qianzhi::command
