#include "hub-protocol/hub/connection.h"

#include <time.h>

#include <algorithm>

#include "hub-protocol/base/log.h"
#include "hub-protocol/client/calls.h"

namespace qianzhi::hub {

namespace {

// RFC 9110 section 5.6.7; names of days and months are English, as no locale is ever set.
std::string http_date(Micros now) {
  const auto seconds = static_cast<time_t>(now / 1'000'000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  return {text, strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

constexpr std::size_t farewell_octets = 1U << 20U;
constexpr std::string_view path_prefix = "/v1/";

Error request_fault(const char* code, std::string_view detail) { return {ErrorKind::rejected, code, detail}; }

const char* phrase_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    default: return "Internal Server Error";
  }
}

bool is_path(std::string_view path) {
  return path.substr(0, path_prefix.size()) == path_prefix && is_call(path.substr(path_prefix.size()));
}

bool is_enrolment_path(std::string_view path) { return path == "/v1/enrol"; }

// States that only an operator or another agent ends: told soon, but not over and over as fast as the wire allows.
bool has_trouble(const wire::FetchReply& reply) {
  return !reply.stopped().empty() || std::any_of(reply.pages().begin(), reply.pages().end(), [](const auto& page) {
    return page.state() == wire::BEHIND || page.state() == wire::DENIED;
  });
}

}  // namespace

Connection::Connection(ServerCore& core, int fd, std::string address)
    : core_(core),
      fd_(fd),
      address_(std::move(address)),
      judged_by_(core.context()),
      stream_(judged_by_, fd, core.clock) {}

void Connection::report(const Error& error) {
  // A stopping hub ends every connection itself: nothing to tell an operator about.
  if (core_.guard.closed()) return;
  if (core_.audit) {
    core_.audit(address_, error);
  } else {
    log("hub " + address_, error);
  }
}

void Connection::serve() {
  if (!handshake() || !identify()) return;
  for (int served = 1; serve_one(served); ++served) {
  }
}

bool Connection::handshake() {
  const TlsResult result = stream_.handshake(core_.after(core_.options.limits.handshake_ms));
  if (result == TlsResult::ok) return true;
  report(request_fault(result == TlsResult::certificate ? "QZ-LINK-105" : "QZ-LINK-106", stream_.reason()));
  // A TLS 1.3 client has often sent its request already; closing over it would reset the alert away.
  if (result != TlsResult::timed_out && result != TlsResult::closed) {
    stream_.drain(farewell_octets, core_.after(core_.options.limits.farewell_ms));
  }
  return false;
}

bool Connection::identify() {
  const Bytes certificate = stream_.peer_certificate();
  if (certificate.empty()) {
    serve_stranger();
    return false;
  }
  try {
    caller_ = identity_of(certificate);
    require_known(caller_, *core_.handlers.directory_in_force(), core_.clock.now());
  } catch (const Error& error) {
    return refuse(401, error);
  }
  if (!core_.guard.recognise(fd_, caller_.agent)) return false;
  if (!core_.handlers.seen) return true;
  try {
    core_.handlers.seen(caller_.agent, caller_.tls_key);
    return true;
  } catch (const Error& error) {
    report(error);
    if (error.kind() == ErrorKind::corrupt) core_.on_fatal(error);
    return false;
  }
}

void Connection::serve_stranger() {
  const ServerLimits& limits = core_.options.limits;
  const Handlers& handlers = core_.handlers;
  if (!handlers.enrol || !handlers.enrolment_is_open || !handlers.enrolment_is_open()) {
    refuse(401, request_fault("QZ-LINK-105", "no certificate"));
    return;
  }
  if (!core_.guard.take_in(fd_)) {
    refuse(503, request_fault("QZ-LINK-150", address_));
    return;
  }
  HttpHead head;
  std::string body;
  if (!read_request(head, body,
                    {limits.stranger_ms, limits.stranger_ms, limits.stranger_body_limit, is_enrolment_path}))
    return;
  const auto run = [&] { return handlers.enrol(address_, request_from<wire::EnrolRequest>(body)).SerializeAsString(); };
  const Answer result = answer_of(
      run, [this](const Error& error) { report(error); }, core_.on_fatal);
  if (reply(result, true)) stream_.drain(farewell_octets, core_.after(limits.farewell_ms));
}

// The directory, the trusted CA and the revocations may have changed since the last request.
void Connection::require_welcome() {
  require_known(caller_, *core_.handlers.directory_in_force(), core_.clock.now());
  std::shared_ptr<const TlsContext> present = core_.context();
  if (present == judged_by_) return;
  const std::string fault = stream_.refused_under(*present);
  if (!fault.empty()) throw request_fault("QZ-LINK-104", caller_.agent + ": " + fault);
  judged_by_ = std::move(present);
}

bool Connection::serve_one(int served) {
  const ServerLimits& limits = core_.options.limits;
  if (!input_.wait(core_.after(limits.idle_ms))) return false;
  core_.guard.touch(fd_);
  HttpHead head;
  std::string body;
  try {
    require_welcome();
  } catch (const Error& error) {
    return refuse(401, error);
  }
  if (!read_request(head, body, {limits.head_ms, limits.body_ms, limits.body_limit, is_path})) return false;
  const Answer result = answer(head.second, body);
  const bool close = head.close || served >= limits.requests_a_connection || result.status == 401 ||
                     result.status >= 500 || core_.guard.closed();
  if (!reply(result, close)) return false;
  core_.guard.touch(fd_);
  if (close) stream_.drain(farewell_octets, core_.after(limits.farewell_ms));
  return !close;
}

bool Connection::read_request(HttpHead& head, std::string& body, const RequestLimits& limits) {
  std::string block;
  const HeadOutcome outcome = input_.read_head(block, core_.after(limits.head_ms));
  if (outcome == HeadOutcome::too_large) return refuse(431, request_fault("QZ-LINK-107", "head over 32 KiB"));
  if (outcome == HeadOutcome::broken) {
    return input_.last == TlsResult::timed_out && refuse(408, request_fault("QZ-LINK-108", "head"));
  }
  const std::optional<HttpHead> parsed = parse_head(block);
  if (!parsed || parsed->third != "HTTP/1.1") return refuse(400, request_fault("QZ-LINK-107", "head"));
  head = *parsed;
  if (head.first != "POST") return refuse(405, request_fault("QZ-LINK-107", "method"));
  if (!limits.is_path(head.second)) return refuse(404, request_fault("QZ-LINK-107", "path"));
  if (head.transfer_encoding && head.content_length) {
    return refuse(400, request_fault("QZ-LINK-107", "both Content-Length and Transfer-Encoding"));
  }
  if (!head.content_length) return refuse(411, request_fault("QZ-LINK-107", "Content-Length is required"));
  const std::uint64_t size = *head.content_length;
  if (size > limits.body_limit) {
    return refuse(413, request_fault("QZ-LINK-109",
                                     std::to_string(size) + " octets, at most " + std::to_string(limits.body_limit)));
  }
  if (input_.read_body(body, size, core_.after(limits.body_ms, size))) return true;
  return input_.last == TlsResult::timed_out && refuse(408, request_fault("QZ-LINK-108", "body"));
}

Answer Connection::answer(const std::string& path, const std::string& body) {
  const auto run = [&] {
    if (path != "/v1/fetch") return run_call(core_.handlers, caller_.agent, path.substr(path_prefix.size()), body);
    return fetch(request_from<wire::FetchRequest>(body)).SerializeAsString();
  };
  return answer_of(
      run, [this](const Error& error) { report(error); }, core_.on_fatal);
}

wire::FetchReply Connection::fetch(wire::FetchRequest request) {
  const ServerLimits& limits = core_.options.limits;
  constexpr int trouble_ms = 1'000;
  const int asked = static_cast<int>(std::min<std::uint32_t>(request.wait_ms(), 1U << 30U));
  const int wait_ms = std::min(asked, limits.longest_wait_ms);
  const Micros begun = core_.clock.steady();
  for (;;) {
    const std::uint64_t seen = core_.handlers.changes();
    wire::FetchReply reply = core_.handlers.fetch(caller_.agent, request);
    const Micros deadline = begun + Micros{has_trouble(reply) ? std::min(wait_ms, trouble_ms) : wait_ms} * 1000;
    if (has_news(request, reply) || core_.clock.steady() >= deadline) return reply;
    // Its wishes and letters were taken; taken again at each turn they would wake their receivers for nothing.
    request.clear_wishes();
    request.clear_letters();
    park(seen, deadline);
    require_welcome();
    if (core_.handlers.changes() == seen) {
      reply.set_time(core_.clock.now());
      return reply;
    }
  }
}

// Returns at the deadline or when something changed. Throws when nobody is there any more to be answered.
void Connection::park(std::uint64_t seen, Micros deadline) {
  while (core_.handlers.changes() == seen) {
    const Micros left = (deadline - core_.clock.steady()) / 1000;
    if (left <= 0) return;
    const int slice = static_cast<int>(std::min<Micros>(left + 1, core_.options.limits.parked_check_ms));
    core_.handlers.wait_for_change(seen, slice);
    require_welcome();
    if (core_.guard.closed() || stream_.hung_up(false)) {
      throw Error(ErrorKind::unavailable, "QZ-LINK-113", caller_.agent);
    }
  }
}

bool Connection::reply(const Answer& answer, bool close) {
  // One piece: one TLS write instead of two, and no half answer when it fails.
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " " + phrase_of(answer.status);
  // By which `qianzhi doctor` compares the clocks.
  text.append("\r\nDate: ").append(http_date(core_.clock.now()));
  text.append("\r\nContent-Type: application/x-protobuf\r\nContent-Length: ");
  text.append(std::to_string(answer.body.size())).append(close ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n");
  text.append(answer.body);
  return stream_.write(text, core_.after(core_.options.limits.reply_ms, text.size())) == TlsResult::ok;
}

bool Connection::refuse(int status, const Error& error) {
  report(error);
  if (reply({status, problem_answer(error).body}, true)) {
    stream_.drain(farewell_octets, core_.after(core_.options.limits.farewell_ms));
  }
  return false;
}

}  // namespace qianzhi::hub
