#include "https_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

namespace qianzhi::test {

namespace {
constexpr auto patience = std::chrono::seconds(20);
}

FakeExchange::FakeExchange() {
  Directory directory;
  directory.version = 1;
  directory_ = std::make_shared<const Directory>(directory);
}

hub::Handlers FakeExchange::handlers() {
  using Caller = hub::Handlers::Caller;
  hub::Handlers all;
  all.session = [](Caller caller, const wire::SessionRequest&) {
    wire::SessionReply reply;
    reply.set_session(caller);
    return reply;
  };
  all.post = [this](Caller caller, const wire::PostRequest&) { return post(caller); };
  all.fetch = [this](Caller, const wire::FetchRequest& request) { return fetch(request); };
  all.directory = [](Caller, const wire::DirectoryRequest&) { return wire::DirectoryReply(); };
  all.applied = [](Caller, const wire::AppliedRequest&) { return wire::AppliedReply(); };
  all.matters = [](Caller, const wire::MattersRequest&) { return wire::MattersReply(); };
  all.changes = [this] {
    const std::lock_guard lock(mutex_);
    return changes_;
  };
  all.wait_for_change = [this](std::uint64_t seen, int timeout_ms) { wait(seen, timeout_ms); };
  all.stop_waiting = [this] {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  };
  all.directory_in_force = [this] {
    const std::lock_guard lock(mutex_);
    return directory_;
  };
  return all;
}

wire::PostReply FakeExchange::post(const std::string& caller) {
  const std::lock_guard lock(mutex_);
  if (failure_) throw *failure_;
  callers_.push_back(caller);
  return {};
}

wire::FetchReply FakeExchange::fetch(const wire::FetchRequest& request) {
  const std::lock_guard lock(mutex_);
  wishes_ += request.wishes_size();
  wire::FetchReply reply;
  reply.mutable_directory()->set_version(directory_->version);
  if (!batch_.empty()) reply.add_pages()->add_batches(batch_);
  return reply;
}

void FakeExchange::wait(std::uint64_t seen, int timeout_ms) {
  std::unique_lock lock(mutex_);
  ++parked_;
  parked_changed_.notify_all();
  changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return changes_ != seen || stopped_; });
  --parked_;
}

void FakeExchange::set_directory(const Directory& directory) {
  const std::lock_guard lock(mutex_);
  directory_ = std::make_shared<const Directory>(directory);
  ++changes_;
  changed_.notify_all();
}

Directory FakeExchange::directory() const {
  const std::lock_guard lock(mutex_);
  return *directory_;
}

void FakeExchange::admit(const std::string& agent, const std::vector<Digest>& keys, bool enabled) {
  Directory next = directory();
  next.agents[agent] = AgentEntry{agent, "commerce", {keys.begin(), keys.end()}, {}, enabled};
  set_directory(next);
}

void FakeExchange::give_batch(const std::string& octets) {
  const std::lock_guard lock(mutex_);
  batch_ = octets;
  ++changes_;
  changed_.notify_all();
}

void FakeExchange::fail_posts_with(const Error& error) {
  const std::lock_guard lock(mutex_);
  failure_.emplace(error);
}

void FakeExchange::await_parked(int count) {
  std::unique_lock lock(mutex_);
  if (!parked_changed_.wait_for(lock, patience, [&] { return parked_ >= count; })) {
    throw std::runtime_error("too few parked fetches");
  }
}

int FakeExchange::posts() const { return static_cast<int>(callers().size()); }

int FakeExchange::wishes() const {
  const std::lock_guard lock(mutex_);
  return wishes_;
}

std::vector<std::string> FakeExchange::callers() const {
  const std::lock_guard lock(mutex_);
  return callers_;
}

World::World() {
  ca.issue({"hub", "DNS:localhost,IP:127.0.0.1", "serverAuth"});
  exchange.admit("a", {ca.issue({"a", agent_uri("a")})});
  exchange.admit("b", {ca.issue({"b", agent_uri("b")})});
  options.files = files("hub");
}

void World::move_to(const std::string& address) {
  ca.issue({"hub", "IP:" + address, "serverAuth"});
  options.host = dialled = address;
}

void World::start() {
  server = std::make_unique<hub::HubServer>(
      options, exchange.handlers(), [this](const Error&) { ++fatal; }, clock,
      [this](const std::string&, const Error& error) {
        const std::lock_guard lock(mutex_);
        reports_.push_back(error.code());
        reported_.notify_all();
      });
}

TlsFiles World::files(const std::string& name) const {
  return {dir / (name + ".crt"), dir / (name + ".key"), ca.certificate(), {}};
}

HttpsLinkOptions World::link_options(const std::string& agent) const {
  HttpsLinkOptions result;
  result.url = "https://" + dialled + ":" + std::to_string(server->port());
  result.certificate = dir / (agent + ".crt");
  result.private_key = dir / (agent + ".key");
  result.trust = ca.certificate();
  return result;
}

std::unique_ptr<HttpsLink> World::link(const std::string& agent) const {
  return std::make_unique<HttpsLink>(link_options(agent));
}

std::vector<std::string> World::reports() const {
  const std::lock_guard lock(mutex_);
  return reports_;
}

void World::await_report(const std::string& code) {
  std::unique_lock lock(mutex_);
  const auto found = [&] { return std::find(reports_.begin(), reports_.end(), code) != reports_.end(); };
  if (!reported_.wait_for(lock, patience, found)) throw std::runtime_error("the hub did not report " + code);
}

RawClient::RawClient(const World& world, const std::string& from, std::uint16_t port)
    : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, from.c_str(), &address.sin_addr);
  if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("bind");
  inet_pton(AF_INET, world.options.host.c_str(), &address.sin_addr);
  address.sin_port = htons(port != 0 ? port : world.server->port());
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("connect");
  }
}

RawClient::~RawClient() {
  stream_.reset();
  close(fd_);
}

bool RawClient::send_plain(const std::string& octets) const {
  return ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size());
}

bool RawClient::cut_within(int milliseconds) const {
  pollfd waited{fd_, POLLRDHUP, 0};
  return poll(&waited, 1, milliseconds) > 0;
}

bool RawClient::await_cut() const { return cut_within(10'000); }

TlsResult RawClient::tls(const World& world, const std::string& agent) {
  stream_ = std::make_unique<TlsStream>(std::make_shared<const TlsContext>(world.files(agent), TlsRole::client), fd_,
                                        clock_, world.dialled);
  return stream_->handshake(clock_.steady() + 10'000'000);
}

bool RawClient::send(const std::string& octets) {
  return stream_->write(octets, clock_.steady() + 10'000'000) == TlsResult::ok;
}

std::string RawClient::receive(const std::string& until) {
  std::string all;
  std::array<char, 4096> piece{};
  std::size_t got = 0;
  while ((until.empty() || all.find(until) == std::string::npos) &&
         stream_->read(piece.data(), piece.size(), got, clock_.steady() + 10'000'000) == TlsResult::ok) {
    all.append(piece.data(), got);
  }
  return all;
}

RawServerSide::RawServerSide(std::shared_ptr<const TlsContext> context, int fd)
    : fd_(fd), stream_(std::make_unique<TlsStream>(std::move(context), fd, clock_)), input_{*stream_, {}} {}

RawServerSide::~RawServerSide() {
  stream_.reset();
  close(fd_);
}

bool RawServerSide::shake_hands() { return stream_->handshake(clock_.steady() + 10'000'000) == TlsResult::ok; }

std::string RawServerSide::read_request() {
  std::string block;
  std::string body;
  const Micros deadline = clock_.steady() + 10'000'000;
  if (input_.read_head(block, deadline) != HeadOutcome::complete) return {};
  input_.read_body(body, parse_head(block)->content_length.value_or(0), deadline);
  return block + body;
}

void RawServerSide::write(const std::string& octets) { stream_->write(octets, clock_.steady() + 10'000'000); }

std::string post_head(const std::string& path, const std::string& more) {
  return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

}  // namespace qianzhi::test
