#include "packaging/demo/postgres_cluster.h"

#include <algorithm>
#include <fstream>

#include "hub-protocol/base/error.h"

namespace qianzhi::demo {

namespace {

// Debian keeps the server programs out of PATH, one folder a version.
std::string program(const std::string& name) {
  std::vector<std::filesystem::path> versions;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored))
    if (std::filesystem::exists(entry.path() / "bin" / name)) versions.push_back(entry.path() / "bin" / name);
  return versions.empty() ? name : std::max_element(versions.begin(), versions.end())->string();
}

constexpr std::string_view settings =
    "listen_addresses = ''\n"
    "wal_level = logical\n"
    "max_replication_slots = 10\n"
    "max_wal_senders = 10\n"
    "max_connections = 40\n"
    "shared_buffers = 64MB\n";

}  // namespace

PostgresCluster::PostgresCluster(std::filesystem::path directory) : directory_(std::move(directory)) {
  std::filesystem::create_directory(directory_);
  give_to("postgres", directory_);
  const std::filesystem::path log = directory_.string() + ".log";
  const std::filesystem::path data = directory_ / "data";
  output_of(
      {{program("initdb"), "-D", data.string(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"},
       directory_,
       log.string() + ".initdb",
       "postgres"});
  std::ofstream(data / "postgresql.conf", std::ios::app)
      << settings << "unix_socket_directories = '" << directory_.string() << "'\n";
  process_ = std::make_unique<Process>(
      "postgresql", Launch{{program("postgres"), "-D", data.string()}, directory_, log, "postgres", SIGINT});
}

std::string PostgresCluster::dsn(const std::string& database, const std::string& role) const {
  return "host=" + directory_.string() + " user=" + role + " dbname=" + database;
}

bool PostgresCluster::answers() {
  if (!process_->is_running()) throw Error(ErrorKind::misuse, "QZ-DEM-001", process_->last_words());
  Process ready("pg_isready",
                {{program("pg_isready"), "-q", "-d", dsn("postgres", "postgres")}, directory_, "/dev/null"});
  return ready.wait() == 0;
}

}  // namespace qianzhi::demo
