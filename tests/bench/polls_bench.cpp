// A20 A hub with many idle agents on long poll (design numbers, "hub with 1,000 idle agents"): the shipped program,
// over TLS with a certificate for each agent. First each parks one poll, then a second, as an agent with a subscription
// does. Meanwhile another agent asks; then the directory changes, which answers all. Fails if a poll is cut or not
// answered, or if the hub passes 150 MiB with one poll an agent. Argument: number of agents.
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <list>

#include "hub-protocol/base/error.h"
#include "hub-protocol/client/dial.h"
#include "hub-protocol/client/https_link.h"
#include "hub-protocol/client/tls_stream.h"
#include "tests/bench/pipeline_measure.h"
#include "tests/unit/https_pki.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::bench;

constexpr long ceiling_kib = 150L * 1024;
constexpr Micros patience = 60'000'000;
constexpr int wait_ms = 30'000;

constexpr const char* config = R"(hub:
  store: hub.db
  listen: "127.0.0.1:0"
  certificate: hub.crt
  private_key: {file: hub.key}
  trust: ca.crt
  signing_key: {file: pki/hub-signing.key}
  directory_key: {file: pki/directory.key}
  catalogue: catalogue
  secured: log
departments:
  receiver: {title: 接收部门, title_en: Receiver}
provisions:
  - {topics: bench.*, agent: a0}
grants:
  - {topics: bench.*, to: [receiver], purpose: 测量, basis: 测试}
agents:
  a0: {department: bench, certificate: a0.crt, signing_key: pki/agent-signing.pub}
)";

constexpr const char* catalogue = R"(version: 1
items:
  id: {title: 编号, title_en: Number, type: integer}
  area: {title: 区划, title_en: Area, type: code(6)}
)";

constexpr const char* topic = R"(department: {id: bench, title: 提供部门, title_en: Provider}
topics:
  bench.firm: {title: 企业, title_en: Firms, mode: state, key: [id], partition: area, items: [id, area]}
)";

// A parked poll.
class Poll {
 public:
  Poll(const TlsFiles& files, const HubAddress& hub, const std::string& request) {
    const Micros deadline = clock_.steady() + patience;
    const int fd = dialer_.dial(hub, deadline);
    stream_ =
        std::make_unique<TlsStream>(std::make_shared<const TlsContext>(files, TlsRole::client), fd, clock_, hub.host);
    if (stream_->handshake(deadline) != TlsResult::ok || stream_->write(request, deadline) != TlsResult::ok)
      throw std::runtime_error("a poll: " + stream_->reason());
  }
  ~Poll() { stream_.reset(); }
  bool is_answered() {
    std::string head(12, '\0');
    std::size_t got = 0;
    return stream_->read(head.data(), head.size(), got, clock_.steady() + patience) == TlsResult::ok &&
           head == "HTTP/1.1 200";
  }

 private:
  SystemClock clock_;
  Dialer dialer_{clock_};
  std::unique_ptr<TlsStream> stream_;
};

class Site {
 public:
  explicit Site(long agents) : ca_(directory_.path(), "ca"), agents_(agents) {
    demo::output_of({{QIANZHI_SOURCE_DIR "/packaging/pki/make-pki", file("pki"), "agent"},
                     directory_.path(),
                     directory_ / "pki.log"});
    ca_.issue({"hub", "DNS:localhost,IP:127.0.0.1", "serverAuth"});
    for (long i = 0; i <= agents; ++i) ca_.issue({name(i), test::agent_uri(name(i))});
    std::filesystem::create_directory(directory_ / "catalogue");
    std::ofstream(directory_ / "catalogue/catalogue.yaml") << catalogue;
    std::ofstream(directory_ / "catalogue/bench.yaml") << topic;
    write(0);
    start();
  }

  // Another legal basis makes another directory.
  void write(int edition) {
    std::string text = config;
    for (long i = 1; i <= agents_; ++i)
      text += "  " + name(i) + ": {department: receiver, certificate: " + name(i) +
              ".crt, signing_key: pki/agent-signing.pub}\n";
    text.replace(text.find("basis: 测试"), 13, "basis: 测试" + std::to_string(edition));
    std::ofstream(directory_ / "hub.yaml", std::ios::trunc) << text;
  }
  TlsFiles files(long i) const {
    return {directory_ / (name(i) + ".crt"), directory_ / (name(i) + ".key"), file("ca.crt"), {}};
  }
  HttpsLink link(long i) const {
    HttpsLinkOptions options;
    options.url = url_;
    options.certificate = files(i).certificate;
    options.private_key = files(i).private_key;
    options.trust = files(i).trust;
    return HttpsLink(options);
  }
  HubAddress address() const { return parse_hub_url(url_); }
  demo::Process& hub() { return *hub_; }

 private:
  static std::string name(long i) { return "a" + std::to_string(i); }
  std::string file(const std::string& name) const { return (directory_ / name).string(); }
  void start() {
    const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    hub_ = std::make_unique<demo::Process>("hub", demo::Launch{{(programs / "qianzhi-hub").string(), "run", "-c",
                                                                file("hub.yaml"), "--port-file", file("port")},
                                                               directory_.path(),
                                                               directory_ / "hub.log"});
    waiter_.until("the hub", 60, [&] {
      if (!hub_->is_running()) throw std::runtime_error(hub_->last_words());
      std::ifstream written(directory_ / "port");
      int port = 0;
      if (!(written >> port)) return false;
      url_ = "https://127.0.0.1:" + std::to_string(port);
      return true;
    });
  }

  test::TempDir directory_;
  test::TestCa ca_;
  long agents_;
  demo::Waiter waiter_;
  std::string url_;
  std::unique_ptr<demo::Process> hub_;
};

std::string poll_request(const wire::DirectoryReference& directory) {
  wire::FetchRequest request;
  *request.mutable_directory() = directory;
  request.set_wait_ms(wait_ms);
  const std::string body = request.SerializeAsString();
  return "POST /v1/fetch HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

// Milliseconds of each of many requests of an agent that asks meanwhile.
std::vector<double> ask(HttpsLink& link) {
  const SystemClock clock;
  std::vector<double> all;
  for (int i = 0; i < 300; ++i) {
    const Micros start = clock.steady();
    link.session({});
    all.push_back(static_cast<double>(clock.steady() - start) / 1000);
  }
  std::sort(all.begin(), all.end());
  return all;
}

int run(long agents) {
  const rlimit files{16'384, 16'384};
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) throw std::runtime_error("the limit of open files is below 16,384");
  Site site(agents);
  HttpsLink other = site.link(0);
  const wire::DirectoryReference directory = other.fetch({}).directory();
  const long before = used_by(site.hub().id()).now_kib;
  std::printf("idle hub: %ld MiB\n", before / 1024);
  std::list<Poll> parked;
  long first = 0;
  for (int round = 1; round <= 2; ++round) {
    for (long i = 1; i <= agents; ++i) parked.emplace_back(site.files(i), site.address(), poll_request(directory));
    const std::vector<double> times = ask(other);
    const long now = used_by(site.hub().id()).now_kib;
    if (round == 1) first = now;
    std::printf(
        "%zu polls of %ld agents: hub %ld MiB, %ld KiB a connection; a request meanwhile: median %.2f ms, 99 %% "
        "%.2f, most %.2f\n",
        parked.size(), agents, now / 1024, (now - before) / static_cast<long>(parked.size()), times[times.size() / 2],
        times[times.size() * 99 / 100], times.back());
  }
  const SystemClock clock;
  const double cpu = used_by(site.hub().id()).cpu;
  site.write(1);
  const Micros told = clock.steady();
  site.hub().signal(SIGHUP);
  long answered = 0;
  for (Poll& poll : parked) answered += poll.is_answered() ? 1 : 0;
  std::printf("a new directory answers all %ld in %.2f s, %.2f CPU-s of the hub\n", answered,
              static_cast<double>(clock.steady() - told) / 1e6, used_by(site.hub().id()).cpu - cpu);
  if (first > ceiling_kib) std::printf("WRONG: over %ld MiB\n", ceiling_kib / 1024);
  return answered == static_cast<long>(parked.size()) && first <= ceiling_kib ? 0 : 1;
}

}  // namespace

int main(int count, char** values) { return run_with_rows(count, values, 1'000, run); }
