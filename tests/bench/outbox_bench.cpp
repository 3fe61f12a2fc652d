// From a PostgreSQL commit to the agent's durable outbox: capture stage, adapter process, mapping, sealing, Ed25519,
// SQLite with synchronous=FULL; against pg_recvlogical and COPY on the same rows in the same run (design numbers, first
// two rows). Prints rows/s, CPU-seconds of our two processes and peak memory. Argument: number of rows.
#include <libpq-fe.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "adapters/api/memory.h"
#include "adapters/api/process_adapter.h"
#include "agent/flow/capture.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/directory.h"
#include "tests/bench/pipeline_measure.h"
#include "tests/support/postgres_server.h"

namespace {

using namespace qianzhi;

constexpr const char* topic_id = "bench.firm";
constexpr const char* columns[] = {"id",      "uscc",  "name", "person", "capital", "founded",
                                   "address", "scope", "area", "staff",  "phone",   "changed"};

// Serves one signed directory and nothing else: capture needs no hub.
class DirectoryLink final : public HubLink {
 public:
  explicit DirectoryLink(const seal::SealedDirectory& sealed) : sealed_(sealed) {}
  wire::SessionReply session(const wire::SessionRequest&) override { return away<wire::SessionReply>(); }
  wire::PostReply post(const wire::PostRequest&) override { return away<wire::PostReply>(); }
  wire::FetchReply fetch(const wire::FetchRequest&) override { return away<wire::FetchReply>(); }
  wire::AppliedReply applied(const wire::AppliedRequest&) override { return away<wire::AppliedReply>(); }
  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override {
    wire::DirectoryReply reply;
    reply.set_signed_root(sealed_.signed_root);
    for (const std::string& digest : request.parts()) reply.add_parts(sealed_.parts.at(Digest::from_bytes(digest)));
    return reply;
  }

 private:
  template <typename Reply>
  Reply away() {
    throw Error(ErrorKind::unavailable, "QZ-LINK-001", "no hub in this benchmark");
  }
  const seal::SealedDirectory& sealed_;
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double own_cpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// User and system time and peak memory of a living child, from /proc.
struct Child {
  double cpu = 0;
  long peak_kib = 0;
};
Child child_of_this_process() {
  Child total;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::FILE* file = std::fopen((entry.path() / "stat").c_str(), "r");
    if (file == nullptr) continue;
    int parent = 0;
    unsigned long user = 0;
    unsigned long system = 0;
    const int fields =
        std::fscanf(file, "%*d (%*[^)]) %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &parent, &user, &system);
    std::fclose(file);
    if (fields != 3 || parent != getpid()) continue;
    total.cpu += static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
    if (std::FILE* status = std::fopen((entry.path() / "status").c_str(), "r"); status != nullptr) {
      char line[256];
      long kib = 0;
      while (std::fgets(line, sizeof line, status) != nullptr)
        if (std::sscanf(line, "VmHWM: %ld", &kib) == 1) total.peak_kib += kib;
      std::fclose(status);
    }
  }
  return total;
}

struct Took {
  double wall = 0;
  double agent = 0;
  double other = 0;  // the adapter, or the server's own tool
  Took& operator+=(const Took& more) {
    wall += more.wall;
    agent += more.agent;
    other += more.other;
    return *this;
  }
};
constexpr long rounds = 5;

template <typename Work>
Took measure(const Work& work) {
  const SystemClock clock;
  const double agent = own_cpu();
  const double adapter = child_of_this_process().cpu;
  const Micros start = clock.steady();
  work();
  return {static_cast<double>(clock.steady() - start) / 1e6, own_cpu() - agent, child_of_this_process().cpu - adapter};
}

// Of a program that has ended when work() returns.
template <typename Work>
Took measure_tool(const Work& work) {
  const auto ended = [] {
    rusage children{};
    getrusage(RUSAGE_CHILDREN, &children);
    return seconds(children.ru_utime) + seconds(children.ru_stime);
  };
  const double before = ended();
  Took took = measure(work);
  took.other = ended() - before;
  return took;
}

void show(const char* what, const Took& m, long rows) {
  std::printf("%-34s %9.0f rows/s  %6.2f s  CPU-s: agent %.2f, adapter or tool %.2f\n", what,
              static_cast<double>(rows) / m.wall, m.wall, m.agent, m.other);
}

void copy_out(const std::string& dsn) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(dsn.c_str()), &PQfinish);
  PQclear(PQexec(connection.get(), "COPY firm TO STDOUT"));
  char* row = nullptr;
  while (PQgetCopyData(connection.get(), &row, 0) > 0) PQfreemem(row);
  while (PGresult* rest = PQgetResult(connection.get())) PQclear(rest);
}

Topic topic() {
  Topic topic;
  topic.id = topic_id;
  for (const char* column : columns) topic.items.push_back({column, column, column});
  topic.key = {"id"};
  topic.partition = "area";
  return topic;
}

config::PublicationConfig publication() {
  config::PublicationConfig publication;
  publication.topic = topic_id;
  publication.source = "firms";
  publication.table = "public.firm";
  for (const char* column : columns) publication.items[column].column = column;
  return publication;
}

// Everything between the database and the outbox, wired as the agent does it.
class Bench {
 public:
  explicit Bench(const std::string& dsn)
      : key_(seal::SigningKey::generate()),
        directory_key_(seal::SigningKey::generate()),
        directory_(make_directory()),
        sealed_(seal::seal_directory(directory_, directory_key_)),
        link_(sealed_),
        store_({files_ / "queue.db", {}, 0}, Bytes(32, 'k'), random_),
        keeper_(store_, clock_, directory_key_.record()),
        sealer_{"bench-01", key_, clock_, random_, {}},
        adapter_(adapter::make_process_adapter(
            std::filesystem::read_symlink("/proc/self/exe").parent_path() / "qianzhi-adapter-postgresql", clock_)),
        connection_{{{"dsn", dsn}}, {}} {
    keeper_.refresh(link_);
    source_.database = {"firms", "postgresql", {}, {}};
    source_.capture = config::Capture::log;
    capture_ =
        std::make_unique<flow::Capture>(source_, std::vector<config::PublicationConfig>{publication()},
                                        flow::CaptureParts{*adapter_, store_, keeper_, sealer_, {}, {}}, connection_);
  }

  std::string publication_name() const {
    const flow::Publication only(publication(), directory_.catalogue.topics.at(topic_id), GroupSet::every());
    return "qianzhi_" + flow::Capture::spec_of(source_, {only}, "bench-01", connection_).name;
  }
  void start() { capture_->run_once(); }
  void finish_refill() {
    while (state().refill || !state().wanted.is_empty()) capture_->run_once();
  }
  void seal_changes(long rows) {
    const std::uint64_t until = state().rows_sealed + static_cast<std::uint64_t>(rows);
    while (state().rows_sealed < until) try {
        capture_->run_once();
      } catch (const Error& error) {
        // The server ends a connection that was not read for long, as while the rows were made; the pump tries again.
        if (error.kind() != ErrorKind::unavailable) throw;
      }
  }
  double queued() const { return static_cast<double>(store_.queued_octets()); }

 private:
  Directory make_directory() const {
    Directory directory;
    directory.version = 1;
    directory.hub_key = directory_key_.record();
    directory.expires = clock_.now() + 3'600'000'000;
    directory.catalogue.version = 1;
    directory.catalogue.topics[topic_id] = topic();
    directory.departments["bench"] = {"bench", "bench", "bench"};
    directory.agents["bench-01"] = {"bench-01", "bench", {}, {key_.record()}, true};
    directory.provisions.push_back({topic_id, "bench-01", GroupSet::every()});
    return directory;
  }
  store::StreamState state() const { return store_.stream(topic_id).value_or(store::StreamState{}); }

  test::TempDir files_;
  SystemClock clock_;
  SystemRandom random_;
  seal::SigningKey key_;
  seal::SigningKey directory_key_;
  Directory directory_;
  seal::SealedDirectory sealed_;
  DirectoryLink link_;
  store::Store store_;
  flow::DirectoryKeeper keeper_;
  flow::Sealer sealer_;
  std::unique_ptr<adapter::Adapter> adapter_;
  adapter::Connection connection_;
  config::SourceConfig source_;
  std::unique_ptr<flow::Capture> capture_;
};

void receive_with_own_tool(const test::PostgresServer& server, const std::string& end, const std::string& publication) {
  const std::filesystem::path folder = server.data().parent_path();
  test::run_unprivileged(
      {test::postgres_program("pg_recvlogical").string(), "-d", server.dsn(), "--slot", "reference", "--start", "-f",
       "/dev/null", "-o", "proto_version=1", "-o", "publication_names=" + publication, "--endpos", end},
      folder, folder / "recvlogical.log");
}

int run(long rows) {
  adapter::keep_freed_memory();
  set_log_level(LogLevel::error);
  test::PostgresServer server({"wal_level = logical"});
  bench::Sql department(server.dsn());
  department.run(std::string("CREATE TABLE firm") + bench::columns_sql);
  department.run(bench::rows_sql);
  Bench bench(server.dsn());
  department.run("ALTER TABLE firm REPLICA IDENTITY FULL; CREATE PUBLICATION " + bench.publication_name() +
                 " FOR TABLE firm");
  department.run("CALL fill(0, " + std::to_string(rows) + ")");
  department.run("ANALYZE firm");
  bench.start();
  const Took snapshot = measure([&] { bench.finish_refill(); });
  const Took copy = measure([&] { copy_out(server.dsn()); });
  show("PostgreSQL snapshot to outbox", snapshot, rows);
  show("COPY to a client that discards", copy, rows);
  std::printf("  ratio of rows/s to COPY: %.2f\n", copy.wall / snapshot.wall);

  department.run("SELECT pg_create_logical_replication_slot('reference', 'pgoutput')");
  // In turns, so that what else the machine does meanwhile falls on both.
  const long share = rows / rounds;
  Took log;
  Took reference;
  std::vector<double> ratios;
  for (long round = 0; round < rounds; ++round) {
    department.run("CALL fill(" + std::to_string(rows + round * share) + ", " + std::to_string(share) + ")");
    const std::string end = department.ask("SELECT pg_current_wal_flush_lsn()");
    Took ours;
    Took theirs;
    const auto use_own_tool = [&] {
      theirs = measure_tool([&] { receive_with_own_tool(server, end, bench.publication_name()); });
    };
    if (round % 2 == 1) use_own_tool();
    ours = measure([&] { bench.seal_changes(share); });
    if (round % 2 == 0) use_own_tool();
    log += ours;
    reference += theirs;
    ratios.push_back(theirs.wall / ours.wall);
  }
  show("PostgreSQL log to outbox", log, share * rounds);
  show("pg_recvlogical to /dev/null", reference, share * rounds);
  std::sort(ratios.begin(), ratios.end());
  std::printf("  ratio of rows/s to pg_recvlogical: %.2f (of %ld rounds: %.2f to %.2f, median %.2f)\n",
              reference.wall / log.wall, rounds, ratios.front(), ratios.back(), ratios[ratios.size() / 2]);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory: agent part %ld MiB, adapter %ld MiB; outbox %.0f octets a row\n", usage.ru_maxrss / 1024,
              child_of_this_process().peak_kib / 1024, bench.queued() / static_cast<double>(2 * rows));
  return 0;
}

}  // namespace

int main(int count, char** values) { return bench::run_with_rows(count, values, 200'000, run); }
