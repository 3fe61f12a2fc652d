// What the server's connections share. Internal to this folder.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "hub-protocol/hub/server.h"

namespace qianzhi::hub {

// Lives from the first connection to the end of the last one.
struct ServerCore {
  ServerCore(const ServerOptions& given, Handlers answers, std::function<void(const Error&)> fatal, const Clock& time,
             Audit report)
      : options(given),
        handlers(std::move(answers)),
        on_fatal(std::move(fatal)),
        clock(time),
        audit(std::move(report)),
        guard(given.limits.guard, time),
        context_(load()) {}

  const ServerOptions options;
  const Handlers handlers;
  const std::function<void(const Error&)> on_fatal;
  const Clock& clock;
  const Audit audit;
  Guard guard;

  std::shared_ptr<const TlsContext> context() const {
    const std::lock_guard lock(mutex_);
    return context_;
  }
  std::shared_ptr<const TlsContext> load() const {
    return std::make_shared<const TlsContext>(options.files, handlers.enrol ? TlsRole::open_server : TlsRole::server);
  }
  void install(std::shared_ptr<const TlsContext> context) {
    const std::lock_guard lock(mutex_);
    context_ = std::move(context);
  }
  Micros after(int milliseconds) const { return clock.steady() + Micros{milliseconds} * 1000; }
  // For so many octets on top of a fixed time.
  Micros after(int milliseconds, std::uint64_t octets) const {
    return after(milliseconds) + static_cast<Micros>(octets * 1'000'000 / options.limits.octets_a_second);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const TlsContext> context_;
};

}  // namespace qianzhi::hub
