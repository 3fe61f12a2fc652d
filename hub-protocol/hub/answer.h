// From a call's name and octets to its answer, whatever way it came. Internal to this folder.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/handlers.h"

namespace qianzhi::hub {

struct Answer {
  int status = 200;  // as in HTTP
  std::string body;  // with another status than 200 a Problem
};

// session, batches, fetch, directory, applied, matters, parcels or renew.
bool is_call(std::string_view name);

// Throws Error(rejected, QZ-LINK-110).
template <typename Request>
Request request_from(const std::string& body) {
  Request request;
  if (!request.ParseFromString(body))
    throw Error(ErrorKind::rejected, "QZ-LINK-110", "the body is not the expected message");
  return request;
}

// name: as is_call() knows it. A fetch is answered at once. Throws what the handler throws, and as request_from().
std::string run_call(const Handlers& handlers, Handlers::Caller caller, std::string_view name, const std::string& body);

// The one place where the hub's errors become answers. report hears of each; fatal only of a store that failed.
Answer answer_of(const std::function<std::string()>& run, const std::function<void(const Error&)>& report,
                 const std::function<void(const Error&)>& fatal);

// 401 for a caller who is not welcome, else by the kind of error.
Answer problem_answer(const Error& error);

}  // namespace qianzhi::hub
