// A client of the hub that keeps every octet it is sent, as it is after TLS, and what can be made of it.
#pragma once

#include <memory>
#include <string>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/client/tls_stream.h"

namespace qianzhi::test {

// One thread at a time. Connects anew when the hub has ended the connection.
class Recorder final : public HubLink {
 public:
  // address: IPv4; on loopback the hub's certificate must name localhost, else the address.
  Recorder(TlsFiles files, std::uint16_t port, std::string address = "127.0.0.1")
      : files_(std::move(files)), port_(port), address_(std::move(address)) {}
  ~Recorder() override { hang_up(); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Any other status than 200 is Error(rejected) with the hub's code.
  wire::SessionReply session(const wire::SessionRequest& request) override {
    return ask<wire::SessionReply>("session", request);
  }
  wire::PostReply post(const wire::PostRequest& request) override { return ask<wire::PostReply>("batches", request); }
  wire::FetchReply fetch(const wire::FetchRequest& request) override { return ask<wire::FetchReply>("fetch", request); }
  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override {
    return ask<wire::DirectoryReply>("directory", request);
  }
  wire::AppliedReply applied(const wire::AppliedRequest& request) override {
    return ask<wire::AppliedReply>("applied", request);
  }
  wire::MattersReply matters(const wire::MattersRequest& request) override {
    return ask<wire::MattersReply>("matters", request);
  }
  // Body of the reply to these octets; status() is the reply's. Empty if the hub ended the connection.
  std::string call(const std::string& path, const std::string& body);
  int status() const { return status_; }

  // Heads and bodies of all replies so far.
  const std::string& record() const { return record_; }
  const std::string& heads() const { return heads_; }
  void forget() { record_.clear(); }

 private:
  template <typename Reply, typename Request>
  Reply ask(const std::string& name, const Request& request) {
    Reply reply;
    const std::string body = call("/v1/" + name, request.SerializeAsString());
    if (status_ != 200 || !reply.ParseFromString(body)) refuse(body);
    return reply;
  }
  [[noreturn]] void refuse(const std::string& body) const;
  void connect();
  void hang_up();
  bool read_more();

  TlsFiles files_;
  std::uint16_t port_;
  std::string address_;
  SystemClock clock_;
  int fd_ = -1;
  std::unique_ptr<TlsStream> stream_;
  std::string record_;
  std::string heads_;
  int status_ = 0;
};

// The octets, and behind them what every zstd frame among them holds.
std::string unpacked(const std::string& octets);

}  // namespace qianzhi::test
