#include "tests/support/mariadb_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace qianzhi::test {

namespace {

constexpr int longest_start = 6'000;  // looks of 10 ms

const passwd* mariadb_account() {
  if (geteuid() != 0) return nullptr;
  const passwd* account = getpwnam("mysql");
  return account != nullptr ? account : getpwnam("nobody");
}

std::string mariadb_words(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// Starts a program as the server's account. It dies with this process if it is to.
pid_t launch(const std::vector<std::string>& command, const std::filesystem::path& directory, bool dies_with_us) {
  std::vector<std::string> copy = command;
  std::vector<char*> arguments;
  for (auto& word : copy) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const passwd* account = mariadb_account();
  const uid_t user = account == nullptr ? 0 : account->pw_uid;
  const gid_t group = account == nullptr ? 0 : account->pw_gid;
  const std::string log = directory / "log";
  const pid_t child = fork();
  if (child != 0) return child;
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  const bool dropped = account == nullptr || (setgroups(0, nullptr) == 0 && setgid(group) == 0 && setuid(user) == 0);
  // After the change of the account, which takes it back.
  if (dies_with_us) prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (dropped && chdir(directory.c_str()) == 0) execvp(arguments[0], arguments.data());
  _exit(127);
}

bool takes_connections(const std::filesystem::path& path) {
  const int handle = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  const bool connected = connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(handle);
  return connected;
}

std::uint16_t free_port() {
  const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = bind(handle, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(handle);
  if (!bound) throw std::runtime_error("there is no free port");
  return ntohs(address.sin_port);
}

std::string mariadb_program(const std::string& name) {
  for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/usr/libexec/"})
    if (std::filesystem::exists(folder + name)) return folder + name;
  return name;
}

}  // namespace

MariadbServer::MariadbServer(const std::vector<std::string>& settings) : port_(free_port()) {
  if (const passwd* account = mariadb_account())
    if (chown(directory_.path().c_str(), account->pw_uid, account->pw_gid) != 0)
      throw std::runtime_error("chown failed");
  run({mariadb_program("mariadb-install-db"), "--no-defaults", "--datadir=" + data().string(), "--skip-test-db",
       "--auth-root-authentication-method=normal", "--innodb-flush-method=nosync"});
  write_settings(settings);
  start();
}

void MariadbServer::write_settings(const std::vector<std::string>& settings) const {
  std::ofstream file(directory_ / "my.cnf");
  // Its own folder for temporary tables, too: a server that starts removes those of others from a common one.
  file << "[mariadbd]\ndatadir=" << data().string() << "\ntmpdir=" << data().string()
       << "\nsocket=" << socket().string() << "\nport=" << port_ << "\npid-file=" << (directory_ / "pid").string()
       << "\nlog-error=" << (directory_ / "server.log").string()
       << "\nbind-address=127.0.0.1\nskip-name-resolve\nserver_id=1\nlog_bin=" << (data() / "binlog").string()
       << "\nbinlog_format=ROW\nbinlog_row_image=FULL\nbinlog_row_metadata=FULL\nsync_binlog=0\n"
       << "innodb_flush_method=nosync\ninnodb_flush_log_at_trx_commit=1\ninnodb_buffer_pool_size=64M\n"
       << "innodb_log_file_size=64M\nperformance_schema=OFF\nmax_connections="
          "60\ncharacter_set_server=utf8mb4\n";
  for (const auto& line : settings) file << line << "\n";
}

MariadbServer::~MariadbServer() { end(SIGKILL); }

void MariadbServer::start() {
  process_ = launch({mariadb_program("mariadbd"), "--defaults-file=" + (directory_ / "my.cnf").string()},
                    directory_.path(), true);
  for (int looks = 0; looks < longest_start && !takes_connections(socket()); ++looks) {
    int status = 0;
    if (waitpid(process_, &status, WNOHANG) == process_) {
      process_ = 0;
      throw std::runtime_error("mariadbd ended: " + mariadb_words(directory_ / "server.log") +
                               mariadb_words(directory_ / "log"));
    }
    poll(nullptr, 0, 10);
  }
}

void MariadbServer::end(int signal) {
  if (process_ == 0) return;
  kill(process_, signal);
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = 0;
}

void MariadbServer::stop() { end(SIGTERM); }

void MariadbServer::crash() { end(SIGKILL); }

void MariadbServer::run_script(const std::string& sql, const std::string& database) const {
  const auto file = directory_ / "script.sql";
  std::ofstream(file) << sql;
  run({mariadb_program("mariadb"), "--no-defaults", "--default-character-set=utf8mb4", "-uroot",
       "--socket=" + socket().string(), "-e", "source " + file.string(), database});
}

void MariadbServer::save_copy(const std::string& name) {
  run({"rm", "-rf", (directory_ / name).string()});
  run({"cp", "-a", data().string(), (directory_ / name).string()});
}

void MariadbServer::restore_copy(const std::string& name) {
  run({"rm", "-rf", data().string()});
  run({"cp", "-a", (directory_ / name).string(), data().string()});
}

void MariadbServer::run(const std::vector<std::string>& command) const {
  const pid_t child = launch(command, directory_.path(), false);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error(command[0] + " failed: " + mariadb_words(directory_ / "log"));
}

}  // namespace qianzhi::test
