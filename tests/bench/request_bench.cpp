// How long one request takes until its answer is there (S4.3): asked of the running agent of one department, sealed,
// carried by the hub, looked up by a key among 100,000 rows in another one's database, sealed and carried back. The
// shipped programs over mutual TLS on loopback: of one provider with SQLite, one with PostgreSQL, and of one to seven
// at once. Beside it, in the same run, what no such exchange can do without: three round trips of bare TLS (request,
// its carriage, answer) and three durable writes (asker, hub, provider). Argument: number of requests of each kind.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <thread>

#include "hub-protocol/client/tls_stream.h"
#include "hub-protocol/service/control.h"
#include "tests/bench/pipeline_measure.h"
#include "tests/crash/new_exchange.h"
#include "tests/unit/https_pki.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::bench;

constexpr char service_id[] = "check.person_standing";
constexpr char stated_purpose[] = "小客车指标资格审核";
constexpr char stated_basis[] = "小客车指标调控管理办法第十条";
constexpr char asking_agent[] = "transport-01";
constexpr char on_postgresql[] = "bureau-pg";
constexpr int most_providers = 7;
constexpr int table_rows = 100'000;
constexpr Micros patience = 60'000'000;
const SystemClock the_clock;

std::string number_of(long i) { return "44010419" + std::to_string(1'000'000'000 + i % table_rows); }

// The shipped catalogue and the example of services beside it.
struct ServiceCatalogue {
  ServiceCatalogue() {
    std::filesystem::copy(QIANZHI_SOURCE_DIR "/conf/catalogue", dir / "catalogue",
                          std::filesystem::copy_options::recursive);
    std::filesystem::copy(QIANZHI_SOURCE_DIR "/conf/examples/services.yaml", dir / "catalogue");
  }
  test::TempDir dir;
};

class City {
 public:
  City() : exchange_(catalogue_.dir / "catalogue") {
    for (int i = 1; i <= most_providers; ++i) add_sqlite("bureau-0" + std::to_string(i));
    add_postgresql();
    exchange_.enrol(asking_agent, "transport", "");
    exchange_.hub_says({"grant", "add", service_id, "transport", "--purpose", stated_purpose, "--basis", stated_basis});
    for (const std::string& provider : providers_) exchange_.start(provider);
    exchange_.start(asking_agent);
    exchange_.await_connected(asking_agent);
    for (const std::string& provider : providers_) exchange_.await_connected(provider);
  }
  // The first so many with SQLite, as --to takes them.
  std::string first(int count) const {
    std::string list;
    for (int i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + providers_[static_cast<std::size_t>(i)];
    return list;
  }
  // Milliseconds until everybody has answered.
  double ask(const std::string& to, long question) {
    const std::filesystem::path socket = exchange_.file(std::string(asking_agent) + "-queue.db") + ".sock";
    const std::string csv = "citizen_number,person_name\r\n" + number_of(question) + ",张三\r\n";
    const Micros start = the_clock.steady();
    std::string id =
        service::ask_control(socket, {"ask", service_id, to, stated_purpose, stated_basis, "", "1m", ""}, csv);
    while (!id.empty() && id.back() == '\n') id.pop_back();
    while (service::ask_control(socket, {"request-state", id}).rfind("over", 0) != 0) poll(nullptr, 0, 1);
    const Micros took = the_clock.steady() - start;
    if (service::ask_control(socket, {"request-csv", id}).find(",found,") == std::string::npos)
      throw std::runtime_error("it was not found by " + to);
    return static_cast<double>(took) / 1000;
  }
  // CPU-seconds and peak memory of the hub, the agents and their adapters.
  std::map<std::string, Used> used() const {
    std::map<std::string, Used> all;
    const auto add = [&](const std::string& kind, pid_t process) {
      const Used used = used_by(process);
      all[kind].cpu += used.cpu;
      all[kind].peak_kib = std::max(all[kind].peak_kib, used.peak_kib);
    };
    for (const pid_t program : crash::children_of(getpid())) {
      const std::string line = crash::text_of("/proc/" + std::to_string(program) + "/cmdline");
      const bool is_hub = line.find("qianzhi-hub") != std::string::npos;
      const bool is_asker = line.find(asking_agent) != std::string::npos;
      add(is_hub ? "hub" : is_asker ? "asker" : "providers", program);
      for (const pid_t adapter : crash::children_of(program)) add("adapters", adapter);
    }
    return all;
  }
  std::string file(const std::string& name) const { return exchange_.file(name); }

 private:
  void add_provider(const std::string& name, const std::string& database) {
    exchange_.enrol(name, "dept_" + name.substr(name.size() - 2),
                    "sources:\n  own: {" + database + ", capture: journal}\nanswers:\n  - service: " + service_id +
                        "\n    source: own\n    table: person\n    match: {citizen_number: id_no, person_name: name}\n"
                        "    items: {has_standing: ok, record_number: no}\n    questions_a_minute: 1000000\n");
    exchange_.hub_says({"provision", "add", service_id, name});
    providers_.push_back(name);
  }
  void add_sqlite(const std::string& name) {
    add_provider(name, "type: sqlite, file: " + name + ".db");
    exchange_.database(name).run(
        "CREATE TABLE person(id_no TEXT, name TEXT, ok BOOLEAN, reason TEXT, no TEXT, PRIMARY KEY(id_no, name));"
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(table_rows - 1) +
        ") INSERT INTO person SELECT '44010419' || (1000000000 + i), '张三', 1, NULL, i FROM n");
  }
  void add_postgresql() {
    add_provider(on_postgresql, "type: postgresql, dsn: \"" + server_.dsn() + "\"");
    Sql(server_.dsn())
        .run(
            "CREATE TABLE person(id_no text, name text, ok boolean, reason text, no text, PRIMARY KEY(id_no, name));"
            "INSERT INTO person SELECT '44010419' || (1000000000 + i), '张三', true, NULL, i FROM generate_series(0, " +
            std::to_string(table_rows - 1) + ") i; ANALYZE person");
  }

  ServiceCatalogue catalogue_;
  test::PostgresServer server_;
  crash::NewExchange exchange_;
  std::vector<std::string> providers_;
};

struct Spread {
  double median = 0;
  double late = 0;  // the 99th of a hundred
};

Spread spread_of(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times[std::min(times.size() - 1, times.size() * 99 / 100)]};
}

// Three exchanges of a kilobyte on one connection that is there already, many times.
Spread bare_round_trips(long rounds) {
  const test::TempDir directory;
  test::TestCa ca(directory.path(), "ca");
  ca.issue({"hub", "IP:127.0.0.1", "serverAuth"});
  ca.issue({"a", test::agent_uri("a")});
  const auto context = [&](const std::string& name, TlsRole role) {
    return std::make_shared<const TlsContext>(
        TlsFiles{directory / (name + ".crt"), directory / (name + ".key"), ca.certificate(), {}}, role);
  };
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("socketpair");
  constexpr std::size_t kilobyte = 1024;
  const auto pass = [](TlsStream& stream, std::string& octets) {
    for (std::size_t got = 0, now = 0; got < octets.size(); got += now)
      if (stream.read(octets.data() + got, octets.size() - got, now, the_clock.steady() + patience) != TlsResult::ok)
        return false;
    return true;
  };
  std::thread other([&, server = context("hub", TlsRole::server)] {
    TlsStream stream(server, ends[1], the_clock);
    std::string octets(kilobyte, '\0');
    if (stream.handshake(the_clock.steady() + patience) != TlsResult::ok) return;
    while (pass(stream, octets) && stream.write(octets, the_clock.steady() + patience) == TlsResult::ok) {
    }
  });
  std::vector<double> times;
  {
    TlsStream stream(context("a", TlsRole::client), ends[0], the_clock, "127.0.0.1");
    std::string octets(kilobyte, 'x');
    bool holds = stream.handshake(the_clock.steady() + patience) == TlsResult::ok;
    for (long round = 0; holds && round < rounds; ++round) {
      const Micros start = the_clock.steady();
      for (int i = 0; holds && i < 3; ++i)
        holds = stream.write(octets, the_clock.steady() + patience) == TlsResult::ok && pass(stream, octets);
      times.push_back(static_cast<double>(the_clock.steady() - start) / 1000);
    }
    shutdown(ends[0], SHUT_RDWR);
    other.join();
    if (!holds) throw std::runtime_error("bare TLS: " + stream.reason());
  }
  close(ends[0]);
  close(ends[1]);
  return spread_of(std::move(times));
}

int run(long requests) {
  City city;
  const double limit = bare_round_trips(std::max(requests, 51L)).median + three_syncs(city.file("."));
  std::printf("limit: three round trips of bare TLS and three durable writes %24.2f ms\n", limit);
  const auto measure = [&](const std::string& what, const std::string& to) {
    for (int i = 0; i < 5; ++i) city.ask(to, i);
    const auto before = city.used();
    std::vector<double> times;
    for (long i = 0; i < requests; ++i) times.push_back(city.ask(to, i * 7919));
    const auto after = city.used();
    const Spread spread = spread_of(std::move(times));
    std::printf("%-36s median %7.2f ms = %4.1f limits, 99 %% %7.2f ms; CPU-ms each:", what.c_str(), spread.median,
                spread.median / limit, spread.late);
    for (const auto& [kind, used] : after)
      std::printf(" %s %.2f", kind.c_str(), (used.cpu - before.at(kind).cpu) * 1000 / static_cast<double>(requests));
    std::printf("\n");
  };
  for (int providers = 1; providers <= most_providers; ++providers)
    measure(std::to_string(providers) + (providers == 1 ? " provider" : " providers") + ", SQLite",
            city.first(providers));
  measure("1 provider, PostgreSQL", on_postgresql);
  std::printf("peak memory:");
  for (const auto& [kind, used] : city.used()) std::printf(" %s %ld MiB;", kind.c_str(), used.peak_kib / 1024);
  std::printf(" the largest process of each\n");
  return 0;
}

}  // namespace

int main(int count, char** values) { return run_with_rows(count, values, 200, run); }
