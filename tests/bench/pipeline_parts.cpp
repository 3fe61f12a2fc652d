#include "tests/bench/pipeline_parts.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "hub-protocol/base/clock.h"
#include "packaging/demo/database.h"

namespace qianzhi::bench {

namespace {

using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;
Result own(PGresult* result) {
  return {result, [](PGresult* r) { PQclear(r); }};
}

constexpr const char* catalogue_items = R"yaml(version: 1
items:
  id: {title: 编号, title_en: Number, type: integer}
  uscc: {title: 代码, title_en: Code, type: code(18)}
  name: {title: 名称, title_en: Name, type: text(200)}
  person: {title: 代表人, title_en: Person, type: text(60)}
  capital: {title: 资本, title_en: Capital, type: "decimal(18,2)"
}
  founded: {title: 成立日期, title_en: Founded, type: date}
  address: {title: 住所, title_en: Address, type: text(200)}
  scope: {title: 经营范围, title_en: Scope, type: text(4000)}
  area: {title: 区划, title_en: Area, type: code(6)}
  staff: {title: 人数, title_en: Staff, type: integer}
  phone: {title: 电话, title_en: Phone, type: text(20)}
  changed: {title: 变更时间, title_en: Changed, type: timestamp}
)yaml";

constexpr const char* catalogue_topic = R"(department: {id: bench, title: 提供部门, title_en: Provider}
topics:
  bench.firm:
    title: 企业
    title_en: Firms
    mode: state
    key: [id]
    partition: area
    items: [id, uscc, name, person, capital, founded, address, scope, area, staff, phone, changed]
)";

constexpr const char* hub_config = R"(hub:
  store: hub.db
  listen: "127.0.0.1:0"
  certificate: pki/hub.crt
  private_key: {file: pki/hub.key}
  trust: pki/ca.crt
  signing_key: {file: pki/hub-signing.key}
  directory_key: {file: pki/directory.key}
  catalogue: catalogue
  secured: log
departments:
  receiver: {title: 接收部门, title_en: Receiver}
agents:
  provider-01: {department: bench, certificate: pki/provider-01.crt, signing_key: pki/provider-01-signing.pub}
  receiver-01: {department: receiver, certificate: pki/receiver-01.crt, signing_key: pki/receiver-01-signing.pub}
provisions:
  - {topics: bench.*, agent: provider-01}
grants:
  - {topics: bench.*, to: [receiver], purpose: 测量, basis: 测试}
)";

constexpr const char* notice_topic = R"(  bench.notice:
    title: 通知
    title_en: Notices
    mode: state
    key: [id]
    partition: area
    items: [id, name, area]
)";

std::string agent_config(const std::string& agent, const std::string& url) {
  const std::string pki = "pki/" + agent;
  return "version: 1\nagent: {id: " + agent + ", name: 测量}\nexchange:\n  url: \"" + url +
         "\"\n  certificate: " + pki + ".crt\n  private_key: {file: " + pki + ".key}\n  signing_key: {file: " + pki +
         "-signing.key}\n  trust: pki/ca.crt\n  directory_key: pki/directory.pub\nqueue: {path: " + agent +
         ".db, key: {file: " + pki + "-queue.key}, max_size: 4GiB}\nstatus: {listen: \"127.0.0.1:0\"}\n";
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

}  // namespace

Sql::Sql(const std::string& dsn) : connection_(PQconnectdb(dsn.c_str()), &PQfinish) {
  expect(PQstatus(connection_.get()) == CONNECTION_OK);
}

void Sql::expect(bool holds) const {
  if (!holds) throw std::runtime_error(PQerrorMessage(connection_.get()));
}

void Sql::run(const std::string& text) {
  expect(PQresultStatus(own(PQexec(connection_.get(), text.c_str())).get()) != PGRES_FATAL_ERROR);
}

std::vector<std::vector<std::string>> Sql::rows(const std::string& text) {
  const Result result = own(PQexec(connection_.get(), text.c_str()));
  expect(PQresultStatus(result.get()) == PGRES_TUPLES_OK);
  std::vector<std::vector<std::string>> all;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    all.emplace_back();
    for (int i = 0; i < PQnfields(result.get()); ++i) all.back().emplace_back(PQgetvalue(result.get(), row, i));
  }
  return all;
}

void Sql::prepare(const std::string& name, const std::string& text) {
  const Result result = own(PQprepare(connection_.get(), name.c_str(), text.c_str(), 0, nullptr));
  expect(PQresultStatus(result.get()) == PGRES_COMMAND_OK);
}

void Sql::execute(const std::string& name, const std::string& value) {
  const char* values[] = {value.c_str()};
  const Result result = own(PQexecPrepared(connection_.get(), name.c_str(), 1, values, nullptr, nullptr, 0));
  expect(PQresultStatus(result.get()) != PGRES_FATAL_ERROR);
}

void Sql::copy(const std::string& from, Sql& to_connection, const std::string& to) {
  PGconn* in = to_connection.connection_.get();
  expect(PQresultStatus(own(PQexec(connection_.get(), ("COPY " + from + " TO STDOUT").c_str())).get()) ==
         PGRES_COPY_OUT);
  to_connection.expect(PQresultStatus(own(PQexec(in, ("COPY " + to + " FROM STDIN").c_str())).get()) == PGRES_COPY_IN);
  char* row = nullptr;
  for (int size = 0; (size = PQgetCopyData(connection_.get(), &row, 0)) > 0; PQfreemem(row))
    to_connection.expect(PQputCopyData(in, row, size) == 1);
  while (PGresult* rest = PQgetResult(connection_.get())) PQclear(rest);
  to_connection.expect(PQputCopyEnd(in, nullptr) == 1);
  while (PGresult* rest = PQgetResult(in)) to_connection.expect(PQresultStatus(own(rest).get()) == PGRES_COMMAND_OK);
}

Used used_by(pid_t process) {
  Used used;
  const std::string folder = "/proc/" + std::to_string(process);
  const std::string stat = demo::text_of(folder + "/stat");
  std::istringstream fields(stat.substr(std::min(stat.size(), stat.rfind(')') + 2)));
  std::string ignored;
  for (int i = 0; i < 11; ++i) fields >> ignored;
  long ticks = 0;
  // User and system time, of itself and of its ended children.
  for (int i = 0; i < 4 && fields >> ticks; ++i)
    used.cpu += static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
  std::istringstream status(demo::text_of(folder + "/status"));
  while (status >> ignored) {
    if (ignored == "VmHWM:") status >> used.peak_kib;
    if (ignored == "VmRSS:") status >> used.now_kib;
  }
  std::istringstream shares(demo::text_of(folder + "/smaps_rollup"));
  while (shares >> ignored)
    if (ignored == "Pss:") shares >> used.share_kib;
  return used;
}

std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> all;
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", gone)) {
    std::ifstream list(thread.path() / "children");
    for (pid_t child = 0; list >> child;) all.push_back(child);
  }
  return all;
}

double three_syncs(const std::filesystem::path& directory) {
  const SystemClock clock;
  const std::string page(8192, 'x');
  const int file = open((directory / "syncs").c_str(), O_WRONLY | O_CREAT, 0600);
  std::vector<Micros> times;
  for (int round = 0; round < 51; ++round) {
    const Micros start = clock.steady();
    for (int i = 0; i < 3; ++i)
      if (pwrite(file, page.data(), page.size(), (round * 3 + i) * 8192) < 0 || fdatasync(file) != 0)
        throw std::runtime_error("fdatasync");
    times.push_back(clock.steady() - start);
  }
  close(file);
  std::sort(times.begin(), times.end());
  return static_cast<double>(times[times.size() / 2]) / 1000;
}

Exchange::Exchange(test::PostgresServer& source, test::PostgresServer& target, bool with_notices)
    : source_(source), target_(target), programs_(std::filesystem::read_symlink("/proc/self/exe").parent_path()) {
  demo::output_of(
      {{QIANZHI_SOURCE_DIR "/packaging/pki/make-pki", (directory_ / "pki").string(), "provider-01", "receiver-01"},
       directory_.path(),
       directory_ / "pki.log"});
  std::filesystem::create_directory(directory_ / "catalogue");
  write(directory_ / "catalogue/catalogue.yaml", catalogue_items);
  write(directory_ / "catalogue/bench.yaml", std::string(catalogue_topic) + (with_notices ? notice_topic : ""));
  write(directory_ / "hub.yaml", hub_config);
  const std::string hub_port = std::to_string(start_hub());
  const std::string url = "https://127.0.0.1:" + hub_port;
  // For its later starts.
  std::string fixed = hub_config;
  write(directory_ / "hub.yaml", fixed.replace(fixed.find("127.0.0.1:0"), 11, "127.0.0.1:" + hub_port));
  std::string items;
  for (const char* item :
       {"id", "uscc", "name", "person", "capital", "founded", "address", "scope", "area", "staff", "phone", "changed"})
    items += "      " + std::string(item) + ": " + item + "\n";
  write(directory_ / "provider-01.yaml",
        agent_config("provider-01", url) + "sources:\n  business: {type: postgresql, dsn: \"" + source.dsn() +
            "\", capture: log}\npublications:\n  - topic: bench.firm\n    source: business\n    table: firm\n"
            "    items:\n" +
            items +
            (with_notices ? "  - {topic: bench.notice, source: business, table: notice,"
                            " items: {id: id, name: name, area: area}}\n"
                          : ""));
  write(directory_ / "receiver-01.yaml",
        agent_config("receiver-01", url) + "targets:\n  received: {type: postgresql, dsn: \"" + target.dsn() +
            "\"}\nsubscriptions:\n  - {topic: bench.firm, target: received, table: received_firm}\n" +
            (with_notices ? "  - {topic: bench.notice, target: received, table: received_notice}\n" : ""));
}

std::uint16_t Exchange::start_hub() {
  const std::filesystem::path port = directory_ / "hub.port";
  std::filesystem::remove(port);
  hub_ = std::make_unique<demo::Process>(
      "hub", demo::Launch{{(programs_ / "qianzhi-hub").string(), "run", "-c", (directory_ / "hub.yaml").string(),
                           "--port-file", port.string()},
                          directory_.path(),
                          directory_ / "hub.log"});
  return port_of(*hub_, port);
}

std::uint16_t Exchange::port_of(demo::Process& process, const std::filesystem::path& file) {
  std::uint16_t port = 0;
  waiter_.until(process.name(), 60, [&] {
    if (!process.is_running()) throw std::runtime_error(process.name() + " ended: " + process.last_words());
    const std::string text = demo::text_of(file);
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port != 0;
  });
  return port;
}

void Exchange::install() {
  for (const auto& [agent, server] : {std::pair{"provider-01", &source_}, std::pair{"receiver-01", &target_}}) {
    const std::string script = demo::output_of(
        {{(programs_ / "qianzhi").string(), "plan", "-c", (directory_ / (std::string(agent) + ".yaml")).string(),
          "--catalogue", (directory_ / "catalogue").string(), "install"},
         directory_.path(),
         directory_ / "plan.log"});
    demo::run_script({demo::Dialect::postgresql, {}, server->dsn(), {}, {}}, script, directory_ / "dba.log");
  }
}

void Exchange::start(std::unique_ptr<demo::Process>& agent, const std::string& name) {
  const std::filesystem::path port = directory_ / (name + ".port");
  std::filesystem::remove(port);
  agent = std::make_unique<demo::Process>(
      name, demo::Launch{{(programs_ / "qianzhi").string(), "run", "-c", (directory_ / (name + ".yaml")).string(),
                          "--port-file", port.string()},
                         directory_.path(),
                         directory_ / (name + ".log")});
  port_of(*agent, port);
  pages_[name] = demo::page_in(port, {});
}

void Exchange::start_receiver() {
  start(receiver_, "receiver-01");
  waiter_.until("the receiver's lane", 60, [&] { return !status_of("receiver-01").lanes.empty(); });
}

bool Exchange::is_drained(std::uint64_t rows, std::uint64_t& progress) const {
  const demo::AgentStatus sent = status_of("provider-01");
  const demo::AgentStatus received = status_of("receiver-01");
  if (sent.publications.empty() || received.lanes.empty()) return false;
  const demo::PublicationLine& from = sent.publications.front();
  const demo::LaneLine& to = received.lanes.front();
  progress = from.sealed + from.receipted + to.applied;
  return from.sealed >= rows && !from.refills && from.waiting == 0 && from.last == from.last_receipted &&
         to.mark == from.last && to.is_complete;
}

void Exchange::await_moving(const std::function<bool(std::uint64_t&)>& condition) {
  constexpr int look_ms = 40;
  constexpr Micros patience = 60'000'000;
  const SystemClock clock;
  std::uint64_t progress = 0;
  std::uint64_t before = 0;
  Micros moved = clock.steady();
  while (!condition(progress)) {
    if (progress != before) moved = clock.steady();
    before = progress;
    if (clock.steady() - moved > patience || !waiter_.pause(look_ms))
      throw std::runtime_error("stands still" + words());
  }
}

void Exchange::drain(std::uint64_t rows) {
  await_moving([&](std::uint64_t& progress) { return is_drained(rows, progress); });
}

void Exchange::await_queued(std::uint64_t rows) {
  await_moving([&](std::uint64_t& progress) {
    const demo::AgentStatus sent = status_of("provider-01");
    progress = sent.publications.empty() ? 0 : sent.publications.front().sealed;
    return progress >= rows;
  });
}

void Exchange::await_receipted(std::uint64_t rows) {
  await_moving([&](std::uint64_t& progress) {
    const demo::AgentStatus sent = status_of("provider-01");
    progress = sent.publications.empty() ? 0 : sent.publications.front().receipted;
    return progress >= rows;
  });
}

std::string Exchange::compare() {
  const std::filesystem::path log = directory_ / "receiver-01.log";
  const std::size_t before = demo::text_of(log).size();
  demo::output_of(
      {{(programs_ / "qianzhi").string(), "compare", "bench.firm", "-c", (directory_ / "receiver-01.yaml").string()},
       directory_.path(),
       directory_ / "compare.log"});
  constexpr std::string_view sign = "compared bench.firm with ";
  std::string said;
  waiter_.until("the comparison", 600, [&] {
    const std::string text = demo::text_of(log);
    const std::size_t found = text.find(sign, before);
    const std::size_t end = found == std::string::npos ? found : text.find('\n', found);
    if (end != std::string::npos) said = text.substr(found + sign.size(), end - found - sign.size());
    return end != std::string::npos;
  });
  return said;
}

std::string Exchange::words() const {
  return "\n" + (hub_ ? hub_->last_words() : std::string()) + "\n" + provider_->last_words() + "\n" +
         receiver_->last_words();
}

std::map<std::string, Used> Exchange::used() const {
  std::map<std::string, Used> all;
  const auto add = [&](const std::string& kind, pid_t process) {
    const Used used = used_by(process);
    all[kind].cpu += used.cpu;
    all[kind].peak_kib = std::max(all[kind].peak_kib, used.peak_kib);
    all[kind].now_kib = std::max(all[kind].now_kib, used.now_kib);
    all[kind].share_kib = std::max(all[kind].share_kib, used.share_kib);
  };
  if (hub_) add("hub", hub_->id());
  if (provider_) add("agent A", provider_->id());
  if (provider_)
    for (const pid_t child : children_of(provider_->id())) add("adapter A", child);
  add("agent B", receiver_->id());
  for (const pid_t child : children_of(receiver_->id())) add("adapter B", child);
  for (const auto& [kind, server] : {std::pair{"PostgreSQL A", &source_}, std::pair{"PostgreSQL B", &target_}}) {
    pid_t postmaster = 0;
    std::ifstream(server->data() / "postmaster.pid") >> postmaster;
    add(kind, postmaster);
    for (const pid_t child : children_of(postmaster)) add(kind, child);
  }
  return all;
}

}  // namespace qianzhi::bench
