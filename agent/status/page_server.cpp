#include "agent/status/page_server.h"

#include "hub-protocol/web/loopback.h"

namespace qianzhi::status {

namespace {

web::LoopbackOptions options_of(const std::string& host, std::uint16_t port) {
  web::LoopbackOptions options;
  options.host = host;
  options.port = port;
  options.policy = page_policy;
  return options;
}

}  // namespace

struct PageServer::State {
  State(const std::string& host, std::uint16_t port, SiteParts parts)
      : site(std::move(parts)),
        listener(options_of(host, port), [this](const web::Request& request) { return site.answer(request); }) {}

  Site site;
  web::LoopbackListener listener;
};

PageServer::PageServer(const std::string& host, std::uint16_t port, SiteParts parts)
    : state_(std::make_unique<State>(host, port, std::move(parts))) {}

PageServer::~PageServer() { stop(); }

std::uint16_t PageServer::port() const { return state_->listener.port(); }

void PageServer::stop() { state_->listener.stop(); }

SiteParts open_site(std::function<Snapshot()> snapshot) {
  SiteParts parts;
  parts.snapshot = std::move(snapshot);
  return parts;
}

}  // namespace qianzhi::status
