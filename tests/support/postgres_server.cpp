#include "tests/support/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace qianzhi::test {

namespace {

const passwd* server_account() { return geteuid() == 0 ? getpwnam("postgres") : nullptr; }

void give_away(const std::filesystem::path& path) {
  if (const passwd* account = server_account())
    if (chown(path.c_str(), account->pw_uid, account->pw_gid) != 0) throw std::runtime_error("chown failed");
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

std::filesystem::path postgres_program(const std::string& name) {
  std::vector<std::filesystem::path> versions;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored))
    if (std::filesystem::exists(entry.path() / "bin" / name)) versions.push_back(entry.path() / "bin" / name);
  if (versions.empty()) return name;
  return *std::max_element(versions.begin(), versions.end());
}

int run_unprivileged(const std::vector<std::string>& command, const std::filesystem::path& directory,
                     const std::filesystem::path& log) {
  std::vector<std::string> copy = command;
  std::vector<char*> arguments;
  for (auto& word : copy) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const passwd* account = server_account();
  const uid_t user = account == nullptr ? 0 : account->pw_uid;
  const gid_t group = account == nullptr ? 0 : account->pw_gid;
  const pid_t child = fork();
  if (child == 0) {
    const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    const bool dropped = account == nullptr || (setgroups(0, nullptr) == 0 && setgid(group) == 0 && setuid(user) == 0);
    if (dropped && chdir(directory.c_str()) == 0) execvp(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

PostgresServer::PostgresServer(const std::vector<std::string>& settings) {
  give_away(directory_.path());
  run({postgres_program("initdb").string(), "-D", data().string(), "-U", "postgres", "-A", "trust", "-E", "UTF8",
       "--locale=C.UTF-8", "-N"});
  std::ofstream conf(data() / "postgresql.conf", std::ios::app);
  conf << "listen_addresses = ''\nunix_socket_directories = '" << directory_.path().string() << "'\n"
       << "wal_level = logical\nmax_replication_slots = 30\nmax_wal_senders = 30\nfsync = off\n"
       << "dynamic_shared_memory_type = mmap\n"  // in its folder, so that one that is killed leaves nothing elsewhere
       << "shared_buffers = 32MB\nmax_connections = 60\nautovacuum = off\n";
  for (const auto& line : settings) conf << line << "\n";
  conf.close();
  start();
}

PostgresServer::~PostgresServer() {
  if (running_)
    run_unprivileged({postgres_program("pg_ctl").string(), "-D", data().string(), "-m", "immediate", "-w", "stop"},
                     directory_.path(), directory_ / "log");
}

std::string PostgresServer::dsn(const std::string& database, const std::string& user) const {
  return "host=" + directory_.path().string() + " user=" + user + " dbname=" + database;
}

void PostgresServer::start() {
  run({postgres_program("pg_ctl").string(), "-D", data().string(), "-l", (directory_ / "server.log").string(), "-w",
       "start"});
  running_ = true;
}

void PostgresServer::stop() {
  run({postgres_program("pg_ctl").string(), "-D", data().string(), "-m", "fast", "-w", "stop"});
  running_ = false;
}

void PostgresServer::crash() {
  run({postgres_program("pg_ctl").string(), "-D", data().string(), "-m", "immediate", "-w", "stop"});
  running_ = false;
}

pid_t PostgresServer::postmaster() const {
  pid_t id = 0;
  std::ifstream(data() / "postmaster.pid") >> id;
  return id > 0 && ::kill(id, 0) == 0 ? id : 0;
}

void PostgresServer::revive() {
  if (postmaster() == 0) start();
}

std::vector<pid_t> PostgresServer::backends() const {
  std::vector<pid_t> all;
  const std::string id = std::to_string(postmaster());  // 0 has no folder
  std::ifstream list("/proc/" + id + "/task/" + id + "/children");
  for (pid_t child = 0; list >> child;) all.push_back(child);
  return all;
}

void PostgresServer::kill() {
  const pid_t server = postmaster();
  running_ = false;
  if (server == 0) return;
  // Stopped first: it must not start another one meanwhile.
  ::kill(server, SIGSTOP);
  std::vector<pid_t> all = backends();
  all.push_back(server);
  std::vector<int> handles;
  for (const pid_t process : all) handles.push_back(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  for (const pid_t process : all) ::kill(process, SIGKILL);
  for (const int handle : handles) {
    pollfd end{handle, POLLIN, 0};
    if (handle >= 0 && poll(&end, 1, 60'000) != 1) throw std::runtime_error("PostgreSQL outlives SIGKILL");
    close(handle);
  }
  // The next server looks whether a process of that number is there, be it only not reaped yet. Where nobody reaps, the
  // file goes, as if another machine had it now.
  for (int looks = 0; looks < 1'000 && ::kill(server, 0) == 0; ++looks) poll(nullptr, 0, 10);
  if (::kill(server, 0) == 0) std::filesystem::remove(data() / "postmaster.pid");
}

void PostgresServer::save_copy(const std::string& name) {
  run({"rm", "-rf", (directory_ / name).string()});
  run({"cp", "-a", data().string(), (directory_ / name).string()});
}

void PostgresServer::restore_copy(const std::string& name) {
  run({"rm", "-rf", data().string()});
  run({"cp", "-a", (directory_ / name).string(), data().string()});
}

void PostgresServer::run(const std::vector<std::string>& command) const {
  const auto log = directory_ / "log";
  if (run_unprivileged(command, directory_.path(), log) != 0)
    throw std::runtime_error(command[0] + " failed: " + text_of(log) + text_of(directory_ / "server.log"));
}

}  // namespace qianzhi::test
