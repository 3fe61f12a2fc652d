// One accepted connection from handshake to end: who is it, what does it ask, answer it. Internal to this folder.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hub-protocol/client/http_head.h"
#include "hub-protocol/client/tls_stream.h"
#include "hub-protocol/hub/answer.h"
#include "hub-protocol/hub/identity.h"
#include "hub-protocol/hub/server_parts.h"

namespace qianzhi::hub {

class Connection {
 public:
  // fd: connected, entered in the guard, open for as long as this object lives.
  Connection(ServerCore& core, int fd, std::string address);

  // Serves requests until the connection ends. Throws nothing that a caller must handle but std::bad_alloc.
  void serve();

 private:
  bool handshake();
  bool identify();
  // How long a request may take and how large it may be.
  struct RequestLimits {
    int head_ms;
    int body_ms;
    std::uint64_t body_limit;
    bool (*is_path)(std::string_view path);
  };
  // The one request that a caller without a certificate may make.
  void serve_stranger();
  bool serve_one(int served);
  bool read_request(HttpHead& head, std::string& body, const RequestLimits& limits);
  Answer answer(const std::string& path, const std::string& body);
  wire::FetchReply fetch(wire::FetchRequest request);
  void park(std::uint64_t seen, Micros deadline);
  void require_welcome();
  bool reply(const Answer& answer, bool close);
  bool refuse(int status, const Error& error);
  void report(const Error& error);

  ServerCore& core_;
  const int fd_;
  const std::string address_;
  std::shared_ptr<const TlsContext> judged_by_;  // the context under which the caller's certificate was last good
  TlsStream stream_;
  HttpInput input_{stream_, {}};
  Identity caller_;
};

}  // namespace qianzhi::hub
