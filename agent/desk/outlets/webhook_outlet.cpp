#include "agent/desk/outlets/webhook_outlet.h"

#include <Poco/Exception.h>
#include <Poco/HMACEngine.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/SHA2Engine.h>
#include <Poco/Timespan.h>
#include <Poco/URI.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "agent/config/loader.h"
#include "agent/desk/outlets/cut_off.h"
#include "agent/desk/outlets/tls_client.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace web = Poco::Net;

namespace {

constexpr std::size_t answer_limit = std::size_t{64} << 10U;
constexpr Micros longest_wish = 86'400'000'000;

class Sha256 final : public Poco::SHA2Engine {
 public:
  enum { BLOCK_SIZE = 64, DIGEST_SIZE = 32 };  // as Poco::HMACEngine asks for them
  Sha256() : Poco::SHA2Engine(Poco::SHA2Engine::SHA_256) {}
};

bool may_reach(const web::IPAddress& address) {
  // POCO calls IPv4 addresses mapped, too.
  if (address.family() == web::IPAddress::IPv6 && address.isIPv4Mapped()) {
    const auto* octets = static_cast<const unsigned char*>(address.addr());
    return may_reach(web::IPAddress(octets + 12, 4));
  }
  return !address.isLinkLocal() && !address.isMulticast() && !address.isBroadcast() && !address.isWildcard();
}

class Unreachable {};

// Looks at the address that the name led to: a name can be pointed anywhere after the configuration was read.
template <class Session>
class GuardedSession final : public Session {
 public:
  using Session::Session;
  bool is_connected() const { return connected_; }
  void limit(Micros whole) { whole_ = whole; }

 protected:
  void connect(const web::SocketAddress& address) override {
    if (!may_reach(address.host())) throw Unreachable();
    Session::connect(address);
    connected_ = true;
    cut_off_.emplace(this->socket().impl()->sockfd(), whole_);
  }

 private:
  bool connected_ = false;
  Micros whole_ = 0;
  std::optional<CutOff> cut_off_;
};

Micros retry_after(const web::HTTPResponse& response) {
  const std::string text = response.get("Retry-After", "");
  Micros seconds = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || seconds < 0) return 0;
  return std::min(seconds, longest_wish / 1'000'000) * 1'000'000;
}

Delivery verdict_on(const web::HTTPResponse& response) {
  const int status = response.getStatus();
  const std::string said = "HTTP " + std::to_string(status);
  if (status >= 200 && status < 300) return {Delivery::Verdict::sent, said};
  if (status == 408 || status == 425 || status == 429 || status >= 500)
    return {Delivery::Verdict::later, "QZ-DSK-101 " + said, retry_after(response)};
  return {Delivery::Verdict::refused, "QZ-DSK-102 " + said};
}

// Reads the answer's body away, but not for ever.
void drain(std::istream& body, const Clock& clock, Micros deadline) {
  std::array<char, 4096> buffer{};
  std::size_t total = 0;
  while (body.good() && total < answer_limit && clock.steady() < deadline) {
    body.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    total += static_cast<std::size_t>(body.gcount());
  }
}

struct Posted {
  std::string body;
  std::string token;
  std::string signature;
  std::string bearer;
};

template <class Session>
Delivery post(GuardedSession<Session>& session, const Poco::URI& uri, const Posted& posted, bool idempotent,
              Micros timeout, const Clock& clock) {
  session.setTimeout(Poco::Timespan(timeout));
  session.setKeepAlive(false);
  session.limit(3 * timeout);
  const auto lost = [&](const std::string& why) -> Delivery {
    if (session.is_connected() && !idempotent) return {Delivery::Verdict::uncertain, "QZ-DSK-103 " + why};
    return {Delivery::Verdict::later, "QZ-DSK-101 " + why};
  };
  try {
    const std::string target = uri.getPathAndQuery();
    web::HTTPRequest request(web::HTTPRequest::HTTP_POST, target.empty() ? "/" : target, web::HTTPMessage::HTTP_1_1);
    request.setContentType("application/json; charset=utf-8");
    request.setContentLength64(static_cast<Poco::Int64>(posted.body.size()));
    request.set("Idempotency-Key", posted.token);
    request.set("User-Agent", "qianzhi-desk/" QIANZHI_VERSION);
    if (!posted.signature.empty()) request.set("Qianzhi-Signature", posted.signature);
    if (!posted.bearer.empty()) request.set("Authorization", "Bearer " + posted.bearer);
    const Micros deadline = clock.steady() + timeout;
    session.sendRequest(request).write(posted.body.data(), static_cast<std::streamsize>(posted.body.size()));
    web::HTTPResponse response;
    std::istream& answer = session.receiveResponse(response);
    Delivery delivery = verdict_on(response);
    drain(answer, clock, deadline);
    return delivery;
  } catch (const Unreachable&) {
    return {Delivery::Verdict::refused, "QZ-DSK-100 the name leads to an address that is not allowed"};
  } catch (const Poco::Exception& fault) {
    return lost(fault.displayText());
  }
}

bool is_loopback(const std::string& host) {
  web::IPAddress address;
  return host == "localhost" || (web::IPAddress::tryParse(host, address) && address.isLoopback());
}

std::string secret_of(const std::optional<yaml::Secret>& secret) {
  if (!secret) return {};
  return config::read_secret({secret->file, secret->credential});
}

}  // namespace

std::string hmac_sha256_hex(std::string_view key, std::string_view text) {
  Poco::HMACEngine<Sha256> engine(key.data(), key.size());
  engine.update(text.data(), text.size());
  const Poco::DigestEngine::Digest& digest = engine.digest();
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool may_reach(std::string_view address) {
  web::IPAddress parsed;
  return web::IPAddress::tryParse(std::string(address), parsed) && may_reach(parsed);
}

bool is_webhook_url(std::string_view url, bool plain) {
  try {
    const Poco::URI uri{std::string(url)};
    const std::string& host = uri.getHost();
    if (host.empty() || !uri.getUserInfo().empty() || !uri.getFragment().empty()) return false;
    web::IPAddress address;
    if (web::IPAddress::tryParse(host, address) && !may_reach(address)) return false;
    return uri.getScheme() == "https" || (uri.getScheme() == "http" && (plain || is_loopback(host)));
  } catch (const Poco::Exception&) {
    return false;
  }
}

WebhookOutlet::WebhookOutlet(WebhookConfig config, Micros timeout, const Clock& clock)
    : config_(std::move(config)), timeout_(timeout), clock_(clock) {}

Delivery WebhookOutlet::send(const Notice& notice) {
  if (!is_webhook_url(config_.url, config_.plain))
    return {Delivery::Verdict::refused, "QZ-DSK-100 the address is not one for a webhook"};
  Posted posted{json_of(notice), notice.token, {}, {}};
  try {
    posted.bearer = secret_of(config_.bearer);
    if (config_.signature) {
      const std::string seconds = std::to_string(clock_.now() / 1'000'000);
      posted.signature =
          "t=" + seconds + ",v1=" + hmac_sha256_hex(secret_of(config_.signature), seconds + "." + posted.body);
    }
    const Poco::URI uri(config_.url);
    if (uri.getScheme() == "http") {
      GuardedSession<web::HTTPClientSession> session(uri.getHost(), uri.getPort());
      return post(session, uri, posted, config_.idempotent, timeout_, clock_);
    }
    GuardedSession<web::HTTPSClientSession> session(uri.getHost(), uri.getPort(), tls_client(config_.trust));
    return post(session, uri, posted, config_.idempotent, timeout_, clock_);
  } catch (const Error& error) {
    return {Delivery::Verdict::later, error.code() + " " + error.detail()};
  } catch (const Poco::Exception& fault) {
    return {Delivery::Verdict::later, "QZ-DSK-101 " + fault.displayText()};
  }
}

}  // namespace qianzhi::desk
