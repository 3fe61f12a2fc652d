// From an empty hub to an enrolled agent, renewed, with another signing key, under another directory key, and revoked:
// the shipped programs and nothing but their public commands.
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>

#include "hub-protocol/base/clock.h"
#include "tests/crash/database.h"
#include "tests/crash/program.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;
using crash::Output;
using crash::Program;

namespace {

constexpr char topic[] = "commerce.opening_registration";
constexpr char publication[] = R"(sources:
  business: {type: sqlite, file: business.db, capture: journal, poll_interval: 50ms}
publications:
  - topic: commerce.opening_registration
    source: business
    table: enterprise
    items: {registration_number: reg_no, enterprise_name: ent_name, area_code: {area: {column: district}}}
)";
constexpr int patience_s = 60;
constexpr int look_ms = 100;

// Free while this lives: whoever reuses addresses may still listen on it.
class ReservedPort {
 public:
  ReservedPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd_, reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
      throw std::runtime_error("no free port");
    number_ = ntohs(address.sin_port);
  }
  ~ReservedPort() { close(fd_); }
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;
  std::string text() const { return std::to_string(number_); }

 private:
  int fd_;
  std::uint16_t number_ = 0;
};

struct Newcomer {
  Newcomer() {
    const Output made = hub_command({"ca", "init", "--organisation", "Test", "--names", "localhost,127.0.0.1", "--out",
                                     file("keys"), "--root-out", file("root.key")});
    INFO(made.text);
    REQUIRE(made.exit == 0);
    const std::string mark = "hub.yaml:\n";
    std::string section = made.text.substr(made.text.find(mark) + mark.size());
    section.replace(section.find("127.0.0.1:8443") == std::string::npos ? section.find("localhost:8443")
                                                                        : section.find("127.0.0.1:8443"),
                    14, "localhost:" + port.text());
    write("hub.yaml", "hub:\n  store: hub.db\n  listen: \"127.0.0.1:" + port.text() + "\"\n  secured: log\n" +
                          "  catalogue: \"" QIANZHI_SOURCE_DIR "/conf/catalogue\"\n" + section + "agents: {}\n");
    start_hub();
  }

  std::string file(const std::string& name) const { return (dir / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary | std::ios::trunc) << text;
  }
  void start_hub() {
    hub = std::make_unique<Program>(
        std::vector<std::string>{QIANZHI_PROGRAMS "/qianzhi-hub", "run", "-c", file("hub.yaml")}, file("hub.log"));
    await("the hub", [&] { return on_hub({"status"}).exit == 0; });
  }
  void start_agent(const std::string& crash_at = {}) {
    agent = std::make_unique<Program>(
        std::vector<std::string>{QIANZHI_PROGRAMS "/qianzhi", "run", "-c", file("agent.yaml")}, file("agent.log"),
        crash_at);
  }
  Output hub_command(std::vector<std::string> words) const {
    words.insert(words.begin(), QIANZHI_PROGRAMS "/qianzhi-hub");
    return crash::run(words, file("command.log"));
  }
  Output on_hub(std::vector<std::string> words) const {
    words.insert(words.end(), {"-c", file("hub.yaml")});
    return hub_command(std::move(words));
  }
  Output on_agent(std::vector<std::string> words) const {
    words.insert(words.begin(), QIANZHI_PROGRAMS "/qianzhi");
    return crash::run(words, file("command.log"));
  }
  Output agent_verb(const std::string& verb) const { return on_agent({verb, "-c", file("agent.yaml")}); }
  std::string pair() const { return crash::text_of(dir / "identity" / "tls.pem"); }

  void await(const std::string& what, const std::function<bool()>& condition) const {
    const Micros limit = clock.steady() + Micros{patience_s} * 1'000'000;
    while (!condition()) {
      if (clock.steady() > limit)
        throw std::runtime_error("in vain: " + what + "\n" + crash::text_of(dir / "hub.log") +
                                 crash::text_of(dir / "agent.log"));
      pollfd handle{hub ? hub->handle() : -1, POLLIN, 0};
      poll(&handle, 1, look_ms);
    }
  }
  // That the hub holds.
  int batches() const {
    const std::string status = on_hub({"status"}).text;
    const std::size_t line = status.find(topic);
    const std::size_t count = line == std::string::npos ? line : status.find("batches ", line);
    return count == std::string::npos ? 0 : std::stoi(status.substr(count + 8));
  }
  // The agent has this directory version in force and nothing to complain about its hub.
  void await_connected() const {
    const std::string status = on_hub({"status"}).text;
    const std::size_t at = status.find("directory ") + 10;
    const std::string version = status.substr(at, status.find(' ', at) - at);
    await("directory " + version, [&] {
      const std::string text = agent_verb("status").text;
      return text.find("directory " + version + " ") != std::string::npos && text.find("QZ-") == std::string::npos;
    });
  }

  test::TempDir dir;
  SystemClock clock;
  ReservedPort port;
  std::unique_ptr<Program> hub;
  std::unique_ptr<Program> agent;
};

// From an empty hub to a configuration that runs.
void enrol(Newcomer& city) {
  REQUIRE(city.on_hub({"department", "add", "lab", "--title", "测试"}).exit == 0);
  const Output added = city.on_hub({"agent", "add", "lab-01", "--department", "lab"});
  INFO(added.text);
  REQUIRE(added.exit == 0);
  const std::string token = added.text.substr(0, added.text.find('\n'));
  const Output enrolled = city.on_agent({"enrol", token, "--out", city.file("identity")});
  INFO(enrolled.text);
  REQUIRE(enrolled.exit == 0);
  CHECK(city.on_agent({"enrol", token, "--out", city.file("other")}).text.find("QZ-HUB-225") != std::string::npos);
  // What it printed is the configuration.
  std::string section = enrolled.text.substr(enrolled.text.find("agent:\n"));
  section = section.substr(0, section.find("\n", section.find("  key: {file:")) + 1);
  city.write("agent.yaml", "version: 1\n" + section + "  path: " + city.file("queue.db") +
                               "\nstatus: {listen: \"127.0.0.1:0\"}\n" + publication);
  REQUIRE(city.on_hub({"provision", "add", topic, "lab-01"}).exit == 0);
}

// On command; then killed at each step of it and started again.
void renew_with_kills(Newcomer& city) {
  std::string before = city.pair();
  REQUIRE(city.agent_verb("renew").exit == 0);
  city.await("another certificate", [&] { return city.pair() != before; });
  city.await_connected();
  for (const char* point : {"renewal.key_made", "renewal.issued"}) {
    INFO(point);
    city.agent->signal(SIGTERM);
    CHECK(city.agent->wait(patience_s).exit == 0);
    city.start_agent(point);
    before = city.pair();
    city.await("the agent", [&] { return city.agent_verb("renew").exit == 0; });
    CHECK(city.agent->wait(patience_s).signal == SIGKILL);
    // What was begun is brought to its end without being asked for again: the hub bears few keys of an agent at a time.
    city.start_agent();
    city.await("another certificate", [&] { return city.pair() != before; });
    city.await_connected();
  }
}

// The agent's signing key, then the directory's; a hub killed and started again is the same exchange.
void rotate(Newcomer& city) {
  const Output rotated = city.agent_verb("rotate-key");
  INFO(rotated.text);
  REQUIRE(rotated.exit == 0);
  CHECK(city.on_hub({"agent", "list"}).text.find("retired") != std::string::npos);
  REQUIRE(city.on_hub({"directory-key", "announce"}).exit == 0);
  city.await_connected();
  REQUIRE(city.on_hub({"directory-key", "rotate"}).exit == 0);
  city.await_connected();
  city.hub->signal(SIGKILL);
  city.hub->wait(patience_s);
  city.start_hub();
  city.await_connected();
}

}  // namespace

TEST_CASE("A15 A16 A24 from an empty hub by public commands: enrolled, renewed, rotated, revoked, also with kills") {
  Newcomer city;
  enrol(city);
  const auto source = crash::open_sqlite(city.dir / "business.db");
  source->run("PRAGMA journal_mode=WAL");
  source->run("CREATE TABLE enterprise(reg_no TEXT PRIMARY KEY NOT NULL, ent_name TEXT, district TEXT)");
  const Output plan = city.on_agent(
      {"plan", "-c", city.file("agent.yaml"), "--catalogue", QIANZHI_SOURCE_DIR "/conf/catalogue", "install"});
  INFO(plan.text);
  REQUIRE(plan.exit == 0);
  source->run(plan.text);
  city.start_agent();
  city.await_connected();
  source->run("INSERT INTO enterprise VALUES('440103000000017', 'first', '440103')");
  city.await("the first row", [&] { return city.batches() > 0; });
  renew_with_kills(city);
  rotate(city);

  // Restarted, it seals with the new key, and the hub takes that in the same stream.
  const int sent = city.batches();
  city.agent->signal(SIGTERM);
  CHECK(city.agent->wait(patience_s).exit == 0);
  city.start_agent();
  source->run("INSERT INTO enterprise VALUES('440103000000025', 'second', '440103')");
  city.await("the second row", [&] { return city.batches() > sent; });

  REQUIRE(city.on_hub({"agent", "revoke", "lab-01", "--reason", "test"}).exit == 0);
  city.await("the refusal", [&] { return city.agent_verb("status").text.find("QZ-LINK-010") != std::string::npos; });
}
