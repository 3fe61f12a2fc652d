#include "hub-protocol/client/calls.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi {

void throw_problem(int status, const std::string& body) {
  constexpr int unauthorized = 401;
  constexpr int first_of_the_hub = 500;
  wire::Problem problem;
  if (!problem.ParseFromString(body) || problem.code().empty())
    throw Error(ErrorKind::unavailable, "QZ-LINK-007", "reply: status " + std::to_string(status));
  if (status == unauthorized) throw Error(ErrorKind::misuse, "QZ-LINK-010", problem.code() + ": " + problem.detail());
  throw Error(status < first_of_the_hub ? ErrorKind::rejected : ErrorKind::unavailable, problem.code(),
              problem.detail(), problem.hint());
}

bool has_news(const wire::FetchRequest& request, const wire::FetchReply& reply) {
  if (!reply.stopped().empty()) return false;
  if (reply.wishes_size() > 0 || reply.letters_size() > 0 || (request.takes_parcels() && reply.parcels()) ||
      (request.takes_matters() && reply.matters() != request.matters()) ||
      reply.directory().version() != request.directory().version() ||
      reply.directory().digest() != request.directory().digest())
    return true;
  return std::any_of(reply.pages().begin(), reply.pages().end(),
                     [](const wire::Page& page) { return page.batches_size() > 0 || page.state() == wire::RESTART; });
}

}  // namespace qianzhi
