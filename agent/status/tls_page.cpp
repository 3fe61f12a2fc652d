#include "agent/status/tls_page.h"

#include "hub-protocol/web/listener.h"

namespace qianzhi::status {

namespace {

web::ListenerOptions listener_options(const TlsPageOptions& options, std::size_t body_limit) {
  web::ListenerOptions listener;
  listener.host = options.host;
  listener.port = options.port;
  listener.certificate = options.certificate;
  listener.private_key = options.private_key;
  listener.limits.body_limit = body_limit;
  listener.policy = page_policy;
  return listener;
}

}  // namespace

struct TlsPage::State {
  State(const TlsPageOptions& options, SiteParts parts, const Clock& clock)
      : body_limit(parts.body_limit),
        site(std::move(parts)),
        listener(
            listener_options(options, body_limit), [this](const web::Request& request) { return site.answer(request); },
            clock) {}

  const std::size_t body_limit;
  Site site;
  web::Listener listener;
};

TlsPage::TlsPage(const TlsPageOptions& options, SiteParts parts, const Clock& clock)
    : state_(std::make_unique<State>(options, std::move(parts), clock)) {}

TlsPage::~TlsPage() { stop(); }

std::uint16_t TlsPage::port() const { return state_->listener.port(); }

void TlsPage::reload() { state_->listener.reload(); }

void TlsPage::stop() { state_->listener.stop(); }

}  // namespace qianzhi::status
