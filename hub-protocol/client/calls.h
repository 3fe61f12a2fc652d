// What every way to the hub has in common: what an answer that is no reply means, and which reply brings news.
#pragma once

#include <string>

#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi {

// status: of HTTP, other than 200. body: a serialised Problem. Throws Error: misuse (QZ-LINK-010) for 401, else the
// hub's own code, rejected below 500 and unavailable from there on, or unavailable (QZ-LINK-007) if it is no Problem.
[[noreturn]] void throw_problem(int status, const std::string& body);

// Something the subscriber must act on now.
bool has_news(const wire::FetchRequest& request, const wire::FetchReply& reply);

}  // namespace qianzhi
