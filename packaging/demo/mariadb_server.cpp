#include "packaging/demo/mariadb_server.h"

#include <fstream>

#include "hub-protocol/base/error.h"

namespace qianzhi::demo {

namespace {

// Server programs are not in every account's PATH.
std::string server_program() {
  const char* usual = "/usr/sbin/mariadbd";
  return std::filesystem::exists(usual) ? usual : "mariadbd";
}

constexpr std::string_view server_settings =
    "skip_networking\n"
    "server_id = 1\n"
    "log_bin = binlog\n"
    "binlog_format = ROW\n"
    "binlog_row_image = FULL\n"
    "binlog_row_metadata = FULL\n"
    "character_set_server = utf8mb4\n"
    "innodb_buffer_pool_size = 64M\n"
    "innodb_log_file_size = 64M\n"
    "performance_schema = OFF\n";

}  // namespace

MariadbServer::MariadbServer(std::filesystem::path directory) : directory_(std::move(directory)) {
  std::filesystem::create_directory(directory_);
  give_to("mysql", directory_);
  const std::filesystem::path log = directory_.string() + ".log";
  const std::filesystem::path data = directory_ / "data";
  output_of({{"mariadb-install-db", "--no-defaults", "--datadir=" + data.string(), "--skip-test-db",
              "--tmpdir=" + directory_.string(), "--auth-root-authentication-method=normal"},
             directory_,
             log.string() + ".install",
             "mysql"});
  const std::filesystem::path settings = directory_ / "my.cnf";
  std::ofstream(settings) << "[mariadbd]\ndatadir = " << data.string() << "\nsocket = " << socket().string()
                          << "\npid_file = " << (directory_ / "pid").string() << "\ntmpdir = " << directory_.string()
                          << "\n"
                          << server_settings;
  process_ = std::make_unique<Process>(
      "mariadb", Launch{{server_program(), "--defaults-file=" + settings.string()}, directory_, log, "mysql"});
}

bool MariadbServer::answers() {
  if (!process_->is_running()) throw Error(ErrorKind::misuse, "QZ-DEM-001", process_->last_words());
  Process ready(
      "mariadb-admin",
      {{"mariadb-admin", "--no-defaults", "-S", socket().string(), "-u", "root", "ping"}, directory_, "/dev/null"});
  return ready.wait() == 0;
}

}  // namespace qianzhi::demo
