#include "tests/bench/outbox_parts.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <vector>

#include "adapters/api/process_adapter.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::bench {

namespace {

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
  wire::MattersReply matters(const wire::MattersRequest&) override { return away<wire::MattersReply>(); }
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

Topic topic() {
  Topic topic;
  topic.id = topic_id;
  for (const char* column : columns) topic.items.push_back({column, column, column});
  topic.key = {"id"};
  topic.partition = "area";
  return topic;
}

config::PublicationConfig publication(const std::string& table) {
  config::PublicationConfig publication;
  publication.topic = topic_id;
  publication.source = "firms";
  publication.table = table;
  for (const char* column : columns) publication.items[column].column = column;
  return publication;
}

}  // namespace

double own_cpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double children_cpu() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Child adapter_of_this_process() {
  Child total;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::FILE* file = std::fopen((entry.path() / "stat").c_str(), "r");
    if (file == nullptr) continue;
    int parent = 0;
    unsigned long user = 0;
    unsigned long system = 0;
    char name[64] = "";
    const int fields = std::fscanf(file, "%*d (%63[^)]) %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", name,
                                   &parent, &user, &system);
    std::fclose(file);
    if (fields != 4 || parent != getpid() || std::string_view(name) != "qianzhi-adapter") continue;
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

void show(const char* what, const Took& m, long rows) {
  std::printf("%-34s %9.0f rows/s  %6.2f s  CPU-s: agent %.2f, adapter or tool %.2f\n", what,
              static_cast<double>(rows) / m.wall, m.wall, m.agent, m.other);
}

void run_tool(const std::vector<std::string>& command, const std::filesystem::path& directory) {
  std::vector<std::string> copy = command;
  std::vector<char*> arguments;
  for (auto& word : copy) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    if (chdir(directory.c_str()) == 0) execvp(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) throw std::runtime_error(command[0] + " failed");
}

struct Outbox::State {
  State(const std::string& type, adapter::Connection reached, const std::string& table)
      : key(seal::SigningKey::generate()),
        directory_key(seal::SigningKey::generate()),
        directory(make_directory()),
        sealed(seal::seal_directory(directory, directory_key)),
        link(sealed),
        store({files / "queue.db", {}, 0}, Bytes(32, 'k'), random),
        keeper(store, clock, directory_key.record()),
        sealer{"bench-01", key, clock, random, {}},
        adapter(adapter::make_process_adapter(
            std::filesystem::read_symlink("/proc/self/exe").parent_path() / ("qianzhi-adapter-" + type), clock)),
        connection(std::move(reached)),
        published(publication(table)) {
    keeper.refresh(link);
    source.database = {"firms", type, {}, {}};
    source.capture = config::Capture::log;
    capture = std::make_unique<flow::Capture>(source, std::vector<config::PublicationConfig>{published},
                                              flow::CaptureParts{*adapter, store, keeper, sealer, {}, {}}, connection);
  }

  Directory make_directory() const {
    Directory made;
    made.version = 1;
    made.hub_key = directory_key.record();
    made.expires = clock.now() + 3'600'000'000;
    made.catalogue.version = 1;
    made.catalogue.topics[topic_id] = topic();
    made.departments["bench"] = {"bench", "bench", "bench"};
    made.agents["bench-01"] = {"bench-01", "bench", {}, {key.record()}, true};
    made.provisions.push_back({topic_id, "bench-01", GroupSet::every()});
    return made;
  }
  store::StreamState stream() const { return store.stream(topic_id).value_or(store::StreamState{}); }

  test::TempDir files;
  SystemClock clock;
  SystemRandom random;
  seal::SigningKey key;
  seal::SigningKey directory_key;
  Directory directory;
  seal::SealedDirectory sealed;
  DirectoryLink link;
  store::Store store;
  flow::DirectoryKeeper keeper;
  flow::Sealer sealer;
  std::unique_ptr<adapter::Adapter> adapter;
  adapter::Connection connection;
  config::PublicationConfig published;
  config::SourceConfig source;
  std::unique_ptr<flow::Capture> capture;
};

Outbox::Outbox(const std::string& type, adapter::Connection connection, const std::string& table)
    : state_(std::make_unique<State>(type, std::move(connection), table)) {}

Outbox::~Outbox() = default;

adapter::SourceSpec Outbox::spec() const {
  const flow::Publication only(state_->published, state_->directory.catalogue.topics.at(topic_id), GroupSet::every());
  return flow::Capture::spec_of(state_->source, {only}, "bench-01", state_->connection);
}

void Outbox::start() { state_->capture->run_once(); }

void Outbox::finish_refill() {
  while (state_->stream().refill || !state_->stream().wanted.is_empty()) state_->capture->run_once();
}

void Outbox::seal_changes(long rows) {
  const std::uint64_t until = state_->stream().rows_sealed + static_cast<std::uint64_t>(rows);
  while (state_->stream().rows_sealed < until) try {
      state_->capture->run_once();
    } catch (const Error& error) {
      // The server ends a connection that was not read for long, as while the rows were made; the pump tries again.
      if (error.kind() != ErrorKind::unavailable) throw;
    }
}

double Outbox::queued() const { return static_cast<double>(state_->store.queued_octets()); }

}  // namespace qianzhi::bench
