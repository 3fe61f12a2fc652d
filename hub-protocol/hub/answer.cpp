#include "hub-protocol/hub/answer.h"

#include <exception>

namespace qianzhi::hub {

namespace {

int status_of(const Error& error) {
  if (error.code() == "QZ-LINK-101" || error.code() == "QZ-LINK-102" || error.code() == "QZ-LINK-103" ||
      error.code() == "QZ-LINK-104")
    return 401;
  switch (error.kind()) {
    case ErrorKind::rejected: return 400;
    case ErrorKind::unavailable:
    case ErrorKind::full: return 503;
    case ErrorKind::corrupt:
    case ErrorKind::misuse: return 500;
  }
  return 500;
}

template <typename Request, typename Reply>
std::string pass(const std::function<Reply(Handlers::Caller, const Request&)>& handler, Handlers::Caller caller,
                 const std::string& body) {
  return handler(caller, request_from<Request>(body)).SerializeAsString();
}

}  // namespace

bool is_call(std::string_view name) {
  return name == "session" || name == "batches" || name == "fetch" || name == "directory" || name == "applied" ||
         name == "matters" || name == "parcels" || name == "renew";
}

std::string run_call(const Handlers& handlers, Handlers::Caller caller, std::string_view name,
                     const std::string& body) {
  if (name == "session") return pass(handlers.session, caller, body);
  if (name == "batches") return pass(handlers.post, caller, body);
  if (name == "fetch") return pass(handlers.fetch, caller, body);
  if (name == "directory") return pass(handlers.directory, caller, body);
  if (name == "renew") {
    if (!handlers.renew) throw Error(ErrorKind::rejected, "QZ-HUB-220", "renew");
    return pass(handlers.renew, caller, body);
  }
  if (name == "matters") return pass(handlers.matters, caller, body);
  if (name == "parcels") return pass(handlers.parcels, caller, body);
  return pass(handlers.applied, caller, body);
}

Answer problem_answer(const Error& error) {
  wire::Problem problem;
  problem.set_code(error.code());
  problem.set_detail(error.detail());
  problem.set_hint(error.hint());
  return {status_of(error), problem.SerializeAsString()};
}

Answer answer_of(const std::function<std::string()>& run, const std::function<void(const Error&)>& report,
                 const std::function<void(const Error&)>& fatal) {
  try {
    return {200, run()};
  } catch (const Error& error) {
    report(error);
    if (error.kind() == ErrorKind::corrupt) fatal(error);
    return problem_answer(error);
  } catch (const std::exception& fault) {
    const Error error(ErrorKind::misuse, "QZ-LINK-111", fault.what());
    report(error);
    return problem_answer(error);
  }
}

}  // namespace qianzhi::hub
