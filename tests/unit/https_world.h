// A real listening hub server with real certificates, and an exchange behind it that a test can steer.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "https_pki.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/client/http_head.h"
#include "hub-protocol/client/https_link.h"
#include "hub-protocol/client/tls_stream.h"
#include "hub-protocol/hub/server.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test {

// Answers the five calls with next to nothing and counts them.
class FakeExchange {
 public:
  FakeExchange();
  hub::Handlers handlers();

  void set_directory(const Directory& directory);  // wakes who waits
  Directory directory() const;
  void admit(const std::string& agent, const std::vector<Digest>& keys, bool enabled = true);
  void give_batch(const std::string& octets);  // every fetch has it from now on; wakes who waits
  void fail_posts_with(const Error& error);
  void await_parked(int count);  // until so many fetches wait
  int posts() const;
  int wishes() const;
  std::vector<std::string> callers() const;

 private:
  wire::PostReply post(const std::string& caller);
  wire::FetchReply fetch(const wire::FetchRequest& request);
  void wait(std::uint64_t seen, int timeout_ms);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable parked_changed_;
  std::shared_ptr<const Directory> directory_;
  std::string batch_;
  std::optional<Error> failure_;
  std::vector<std::string> callers_;
  std::uint64_t changes_ = 1;
  int parked_ = 0;
  int wishes_ = 0;
  bool stopped_ = false;
};

struct World {
  TempDir dir;
  TestCa ca{dir.path(), "ca"};
  SystemClock clock;
  FakeExchange exchange;
  hub::ServerOptions options;
  std::unique_ptr<hub::HubServer> server;
  std::atomic<int> fatal{0};
  std::string dialled = "localhost";  // the host that links dial

  // Hub certificate, agents "a" and "b" registered with their keys. Deadlines as shipped; start() opens the server.
  World();
  ~World() { server.reset(); }  // its threads report to the members below
  // Before start(): the hub listens on this address, its certificate names it, and links dial it.
  void move_to(const std::string& address);
  void start();

  TlsFiles files(const std::string& name) const;
  HttpsLinkOptions link_options(const std::string& agent) const;
  std::unique_ptr<HttpsLink> link(const std::string& agent) const;

  // Codes the server reported so far; await_report waits for one more with this code.
  std::vector<std::string> reports() const;
  void await_report(const std::string& code);

 private:
  mutable std::mutex mutex_;
  std::condition_variable reported_;
  std::vector<std::string> reports_;
};

// A connection that can misbehave: plain octets, or TLS with any certificate and any octets in it.
class RawClient {
 public:
  // from: an address of this machine. port: where; 0: of the world's server.
  RawClient(const World& world, const std::string& from = "127.0.0.1", std::uint16_t port = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send_plain(const std::string& octets) const;
  // Until the server ended the connection; false if it did not within ten seconds.
  bool await_cut() const;
  // Whether it has ended, asked within so many milliseconds.
  bool cut_within(int milliseconds) const;

  TlsResult tls(const World& world, const std::string& agent);
  bool send(const std::string& octets);
  // Everything the server says until it ends the connection or, if until is given, until that appears.
  std::string receive(const std::string& until = {});
  TlsStream& stream() { return *stream_; }
  int fd() const { return fd_; }

 private:
  SystemClock clock_;
  int fd_;
  std::unique_ptr<TlsStream> stream_;
};

// The hub's end of one connection, in a test's hands.
class RawServerSide {
 public:
  RawServerSide(std::shared_ptr<const TlsContext> context, int fd);  // owns fd
  ~RawServerSide();
  RawServerSide(const RawServerSide&) = delete;
  RawServerSide& operator=(const RawServerSide&) = delete;

  bool shake_hands();
  // Head and body of the next request; empty when the client has left.
  std::string read_request();
  void write(const std::string& octets);

 private:
  SystemClock clock_;
  int fd_;
  std::unique_ptr<TlsStream> stream_;
  HttpInput input_;
};

std::string post_head(const std::string& path, const std::string& more);
// Runs the call; the code of the Error it throws, "" if none.
template <typename Call>
std::string code_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return {};
}

}  // namespace qianzhi::test
