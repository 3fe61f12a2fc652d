// The HTTPS listener of pages and interfaces for people on other machines: TLS 1.3, no client certificates, one request
// a connection, a deadline on every step, few connections of one address and few in all (pitfalls 40 to 42). POCO
// accepts and runs the threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/web/http.h"

namespace qianzhi::web {

// Times in milliseconds; a body or reply may take octets / octets_a_second longer.
struct ListenerLimits {
  int handshake_ms = 5'000;
  int head_ms = 5'000;
  int body_ms = 10'000;
  int reply_ms = 10'000;
  std::uint64_t octets_a_second = 64U << 10U;
  std::uint64_t body_limit = 9U << 20U;
  std::size_t connections = 96;
  std::size_t per_address = 32;  // beyond, the oldest of that address that has not asked anything is ended
};

struct ListenerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  std::filesystem::path certificate;
  std::filesystem::path private_key;
  ListenerLimits limits;
  std::string policy = text_policy;  // Content-Security-Policy of every reply
};

// The files as a listener would use them. Throws Error(misuse, QZ-LINK-009) if it could not.
void check_files(const std::filesystem::path& certificate, const std::filesystem::path& private_key);

class Listener {
 public:
  // Answers when it returns; answer is called from several threads and must not throw. clock must outlive it.
  // Throws Error: misuse QZ-LINK-009 files, unavailable QZ-PAGE-002 address.
  Listener(const ListenerOptions& options, std::function<Reply(const Request&)> answer, const Clock& clock);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const;
  // The certificate files again, for new connections. Throws and keeps what was in force if they cannot be used.
  void reload();
  // Cuts what is open. Safe to call twice.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::web
