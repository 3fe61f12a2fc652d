#include "hub-protocol/client/https_link.h"

#include <sys/stat.h>

#include <charconv>
#include <optional>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/client/calls.h"
#include "hub-protocol/client/dial.h"
#include "hub-protocol/client/http_head.h"
#include "hub-protocol/client/tls_context.h"
#include "hub-protocol/client/tls_stream.h"

namespace qianzhi {

namespace {

constexpr std::uint64_t octets_a_second = 64U << 10U;
// Below the hub's own limit for a quiet connection, so that it is normally us who end it.
constexpr Micros reuse_within = 45'000'000;

[[noreturn]] void away(const char* code, const std::string& step, const std::string& detail) {
  throw Error(ErrorKind::unavailable, code, step + ": " + detail);
}

// A certificate that is out of date to one side only: a wrong clock is the likeliest reason.
bool may_be_time(int alert) {
  constexpr int bad_certificate = 42;
  constexpr int certificate_expired = 45;
  return alert == bad_certificate || alert == certificate_expired;
}

[[noreturn]] void refused_by_hub(const std::string& detail) { throw Error(ErrorKind::misuse, "QZ-LINK-010", detail); }

struct Reply {
  int status = 0;
  bool close = false;
  std::string body;
};

// The alerts by which a hub says that it does not accept who we are (RFC 8446 section 6.2).
bool refuses_identity(int alert) {
  constexpr int bad_certificate = 42;
  constexpr int unknown_ca = 48;
  constexpr int access_denied = 49;
  constexpr int certificate_required = 116;
  return (alert >= bad_certificate && alert <= unknown_ca && alert != 47) || alert == access_denied ||
         alert == certificate_required;
}

// Tells a file from the one that took its place.
struct FileMark {
  ino_t file = 0;
  std::int64_t changed = 0;
  bool operator==(const FileMark&) const = default;
};

FileMark mark_of(const std::filesystem::path& file) {
  struct stat status {};
  if (file.empty() || ::stat(file.c_str(), &status) != 0) return {};
  return {status.st_ino, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

int status_of(const HttpHead& head) {
  unsigned int status = 0;
  const char* end = head.second.data() + head.second.size();
  const bool number = std::from_chars(head.second.data(), end, status).ptr == end && head.second.size() == 3;
  const bool plausible = number && head.first == "HTTP/1.1" && head.content_length && !head.transfer_encoding;
  return plausible ? static_cast<int>(status) : 0;
}

}  // namespace

struct HttpsLink::State {
  struct Connection {
    Connection(std::shared_ptr<const TlsContext> context, int fd, const Clock& clock, const std::string& host)
        : stream(std::move(context), fd, clock, host) {}
    TlsStream stream;
    HttpInput input{stream, {}};
    Micros used = 0;
    FileMark certificate;
  };

  HttpsLinkOptions options;
  HubAddress address;
  std::optional<HubAddress> proxy;
  SystemClock clock;
  Dialer dialer{clock};
  std::optional<Connection> connection;
  std::string anchor;  // of the newest connection

  explicit State(HttpsLinkOptions given) : options(std::move(given)), address(parse_hub_url(options.url)) {
    if (!options.proxy.empty()) proxy = parse_proxy_url(options.proxy);
  }

  Micros after(int milliseconds) const { return clock.steady() + Micros{milliseconds} * 1000; }

  void disconnect() {
    connection.reset();
    dialer.hang_up();
  }

  void connect() {
    disconnect();
    const FileMark mark = mark_of(options.certificate);
    const auto context =
        options.ca_digest.empty()
            ? std::make_shared<const TlsContext>(TlsFiles{options.certificate, options.private_key, options.trust, {}},
                                                 TlsRole::client)
            : std::make_shared<const TlsContext>(options.ca_digest);
    const Micros deadline = after(options.connect_timeout_ms);
    const int fd = dialer.dial(proxy ? *proxy : address, deadline);
    if (proxy) tunnel(fd, deadline);
    connection.emplace(context, fd, clock, address.host);
    connection->certificate = mark;
    const TlsResult result = connection->stream.handshake(deadline);
    if (result == TlsResult::ok) {
      anchor = connection->stream.anchor();
      return;
    }
    const std::string reason = connection->stream.reason();
    const int alert = connection->stream.alert();
    disconnect();
    check_interrupted();
    if (result == TlsResult::certificate) away("QZ-LINK-004", "certificate of " + address.host, reason);
    if (result == TlsResult::alert && refuses_identity(alert)) refused(alert, reason);
    away("QZ-LINK-003", "tls", reason);
  }

  void tunnel(int fd, Micros deadline) {
    try {
      open_tunnel(fd, clock, address, options.proxy_login, deadline);
    } catch (const Error&) {
      disconnect();
      check_interrupted();
      throw;
    }
  }

  [[noreturn]] void refused(int alert, const std::string& reason) const {
    refused_by_hub(may_be_time(alert) ? reason + ": by this machine's clock it is " + to_text(clock.now()) : reason);
  }

  void check_interrupted() const {
    if (dialer.interrupted()) away("QZ-LINK-008", "stop", "the call was interrupted");
  }

  // What a broken exchange means. Before any octet of a reply on a kept connection it is repeated by exchange().
  [[noreturn]] void give_up(const char* code, const char* step, TlsResult result) {
    const std::string reason = connection->stream.reason();
    const int alert = connection->stream.alert();
    disconnect();
    check_interrupted();
    if (result == TlsResult::alert && refuses_identity(alert)) refused(alert, reason);
    away(code, step, reason);
  }

  std::string request_of(std::string_view path, const std::string& body) const {
    std::string text("POST ");
    text.append(path).append(" HTTP/1.1\r\nHost: ").append(address.authority);
    text.append("\r\nContent-Type: application/x-protobuf\r\nContent-Length: ").append(std::to_string(body.size()));
    return text.append("\r\n\r\n").append(body);
  }

  // Nothing: the kept connection was dead before any octet of a reply, so the same request may go out once more.
  std::optional<Reply> exchange(const std::string& request, int wait_ms, bool kept) {
    const Micros sending = static_cast<Micros>(request.size() * 1'000'000 / octets_a_second);
    Connection& open = *connection;
    const TlsResult sent = open.stream.write(request, after(options.reply_timeout_ms) + sending);
    if (sent == TlsResult::timed_out) give_up("QZ-LINK-005", "send", sent);
    // After a failed write the hub's answer, a refusal perhaps, may still wait to be read.
    const Micros deadline = after(options.reply_timeout_ms + wait_ms);
    if (!open.input.wait(deadline)) {
      const bool dead = open.input.last == TlsResult::closed || open.input.last == TlsResult::failed;
      if (kept && dead && !dialer.interrupted()) return std::nullopt;
      const bool unsent = sent != TlsResult::ok;
      give_up(unsent ? "QZ-LINK-005" : "QZ-LINK-006", unsent ? "send" : "reply", open.input.last);
    }
    return read_reply(deadline);
  }

  Reply read_reply(Micros deadline) {
    HttpInput& input = connection->input;
    std::string block;
    const HeadOutcome outcome = input.read_head(block, deadline);
    if (outcome == HeadOutcome::broken) give_up("QZ-LINK-006", "reply", input.last);
    const std::optional<HttpHead> head = outcome == HeadOutcome::complete ? parse_head(block) : std::nullopt;
    const int status = head ? status_of(*head) : 0;
    if (!head || status == 0) {
      disconnect();
      away("QZ-LINK-007", "reply", "this is not an answer of a Qianzhi hub");
    }
    if (*head->content_length > options.reply_limit) {
      disconnect();
      away("QZ-LINK-007", "reply", std::to_string(*head->content_length) + " octets, over the limit");
    }
    Reply reply{status, head->close, {}};
    const Micros receiving = static_cast<Micros>(*head->content_length * 1'000'000 / octets_a_second);
    if (!input.read_body(reply.body, *head->content_length, deadline + receiving)) {
      give_up("QZ-LINK-006", "reply", input.last);
    }
    connection->used = clock.steady();
    if (reply.close) disconnect();
    return reply;
  }

  bool usable() const {
    return connection && clock.steady() - connection->used < reuse_within && !connection->stream.hung_up(true) &&
           connection->certificate == mark_of(options.certificate);
  }

  Reply call(std::string_view path, const std::string& body, int wait_ms) {
    check_interrupted();
    const std::string request = request_of(path, body);
    if (usable()) {
      if (std::optional<Reply> reply = exchange(request, wait_ms, true)) return std::move(*reply);
    }
    connect();
    return *exchange(request, wait_ms, false);
  }

  template <typename Answer, typename Question>
  Answer ask(std::string_view path, const Question& question, int wait_ms = 0) {
    const Reply reply = call(path, question.SerializeAsString(), wait_ms);
    if (reply.status != 200) throw_problem(reply.status, reply.body);
    Answer answer;
    if (!answer.ParseFromString(reply.body)) away("QZ-LINK-007", "reply", "the body is not the expected message");
    return answer;
  }
};

HttpsLink::HttpsLink(HttpsLinkOptions options) : state_(std::make_unique<State>(std::move(options))) {}
HttpsLink::~HttpsLink() = default;

wire::SessionReply HttpsLink::session(const wire::SessionRequest& request) {
  return state_->ask<wire::SessionReply>("/v1/session", request);
}

wire::PostReply HttpsLink::post(const wire::PostRequest& request) {
  return state_->ask<wire::PostReply>("/v1/batches", request);
}

wire::FetchReply HttpsLink::fetch(const wire::FetchRequest& request) {
  constexpr std::uint32_t longest = 30'000;
  const int wait_ms = static_cast<int>(request.wait_ms() < longest ? request.wait_ms() : longest);
  return state_->ask<wire::FetchReply>("/v1/fetch", request, wait_ms);
}

wire::DirectoryReply HttpsLink::directory(const wire::DirectoryRequest& request) {
  return state_->ask<wire::DirectoryReply>("/v1/directory", request);
}

wire::AppliedReply HttpsLink::applied(const wire::AppliedRequest& request) {
  return state_->ask<wire::AppliedReply>("/v1/applied", request);
}

wire::RenewReply HttpsLink::renew(const wire::RenewRequest& request) {
  return state_->ask<wire::RenewReply>("/v1/renew", request);
}

wire::EnrolReply HttpsLink::enrol(const wire::EnrolRequest& request) {
  return state_->ask<wire::EnrolReply>("/v1/enrol", request);
}

std::string HttpsLink::anchor() const { return state_->anchor; }

wire::ParcelsReply HttpsLink::parcels(const wire::ParcelsRequest& request) {
  return state_->ask<wire::ParcelsReply>("/v1/parcels", request);
}

wire::MattersReply HttpsLink::matters(const wire::MattersRequest& request) {
  return state_->ask<wire::MattersReply>("/v1/matters", request);
}

void HttpsLink::interrupt() { state_->dialer.interrupt(); }

}  // namespace qianzhi
