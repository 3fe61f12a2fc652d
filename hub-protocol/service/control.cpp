#include "hub-protocol/service/control.h"

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::service {

namespace {

constexpr std::size_t line_limit = 4096;
constexpr std::size_t answer_limit = 64U << 20U;
constexpr std::size_t attachment_limit = 64U << 20U;

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof address.sun_path) throw Error(ErrorKind::misuse, "QZ-BASE-010", "path too long: " + text);
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

bool connects(int descriptor, const std::filesystem::path& path) {
  const sockaddr_un address = address_of(path);
  return connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void limit_waiting(int descriptor, int seconds) {
  const timeval limit{seconds, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

void send_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// To the end of what the other side sends; false: it did not get there, by a fault or beyond the limit.
bool receive(int descriptor, std::size_t limit, std::string& text) {
  char buffer[16'384];
  while (text.size() <= limit) {
    const ssize_t got = recv(descriptor, buffer, sizeof buffer, 0);
    if (got <= 0) return got == 0;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return false;
}

std::string name_of_user(uid_t user) {
  char buffer[4096];
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(user, &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr) return entry.pw_name;
  return "uid " + std::to_string(user);
}

std::string user_of(int descriptor) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {};
  return name_of_user(peer.uid);
}

// A word may hold anything: what would end it or its line is escaped.
std::string escaped(std::string_view word) {
  std::string text;
  for (const char octet : word) {
    if (octet == '\\' || octet == '\t' || octet == '\n') text += '\\';
    text += octet == '\t' ? 't' : octet == '\n' ? 'n' : octet;
  }
  return text;
}

// Only its group is changed: a service without privileges may give a file to groups it is in.
bool open_to(const std::filesystem::path& path, const std::string& group) {
  if (group.empty()) return chmod(path.c_str(), 0600) == 0;
  char buffer[16'384];
  ::group entry{};
  ::group* found = nullptr;
  if (getgrnam_r(group.c_str(), &entry, buffer, sizeof buffer, &found) != 0 || found == nullptr) {
    errno = EINVAL;
    return false;
  }
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return false;
  // Where the service has this group already, changing it may be forbidden.
  const bool is_its = about.st_gid == entry.gr_gid || chown(path.c_str(), static_cast<uid_t>(-1), entry.gr_gid) == 0;
  return is_its && chmod(path.c_str(), 0660) == 0;
}

std::vector<std::string> words_of(std::string_view line) {
  line = line.substr(0, line.find('\n'));
  if (line.empty()) return {};
  std::vector<std::string> words(1);
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\t') {
      words.emplace_back();
    } else if (line[at] == '\\' && at + 1 < line.size()) {
      ++at;
      words.back() += line[at] == 't' ? '\t' : line[at] == 'n' ? '\n' : line[at];
    } else {
      words.back() += line[at];
    }
  }
  return words;
}

}  // namespace

std::string own_user() { return name_of_user(getuid()); }

ControlServer::ControlServer(std::filesystem::path path, Command command, const std::string& group)
    : path_(std::move(path)), command_(std::move(command)) {
  const sockaddr_un address = address_of(path_);
  if (const Socket probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); connects(probe.get(), path_))
    throw Error(ErrorKind::misuse, "QZ-BASE-010", "another process listens on " + path_.string());
  unlink(path_.c_str());
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // The mode is set before anybody can connect: a socket is not reachable until it listens.
  const bool listens = bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                       open_to(path_, group) && listen(listener_, 8) == 0;
  if (!listens) {
    const std::string reason = std::strerror(errno);
    close(listener_);
    throw Error(ErrorKind::misuse, "QZ-BASE-010", path_.string() + ": " + reason);
  }
  thread_ = std::thread([this] { serve(); });
}

ControlServer::~ControlServer() {
  ends_ = true;
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
  unlink(path_.c_str());
}

void ControlServer::serve() {
  while (!ends_) {
    const Socket connection(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.get() >= 0 && !ends_) answer(connection.get());
  }
}

void ControlServer::answer(int connection) const {
  limit_waiting(connection, 5);
  std::string sent;
  const bool whole = receive(connection, line_limit + attachment_limit, sent);
  const std::size_t end = sent.find('\n');
  // Somebody only looked whether we are here.
  if (end == std::string::npos) return;
  std::string reply;
  try {
    if (!whole || end > line_limit) throw Error(ErrorKind::rejected, "QZ-BASE-010", "a command that is not whole");
    Call call{words_of(sent), sent.substr(end + 1), user_of(connection)};
    if (call.words.empty()) throw Error(ErrorKind::rejected, "QZ-BASE-010", "an empty command");
    reply = "ok\n" + command_(call);
  } catch (const Error& error) {
    log("control", error);
    reply = "error " + error.code() + "\n" + error.detail();
  }
  send_all(connection, reply);
}

std::string ask_control(const std::filesystem::path& path, const std::vector<std::string>& words,
                        std::string_view attachment) {
  const Socket connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!connects(connection.get(), path)) {
    const int reason = errno;
    const std::string detail = path.string() + ": " + std::strerror(reason);
    if (reason == EACCES || reason == EPERM) throw Error(ErrorKind::rejected, "QZ-CLI-010", detail);
    throw Error(ErrorKind::unavailable, "QZ-BASE-010", detail);
  }
  limit_waiting(connection.get(), 600);
  std::string line;
  for (const std::string& word : words) line += (&word == words.data() ? "" : "\t") + escaped(word);
  send_all(connection.get(), line + "\n");
  send_all(connection.get(), attachment);
  shutdown(connection.get(), SHUT_WR);
  std::string reply;
  receive(connection.get(), answer_limit, reply);
  if (reply.compare(0, 3, "ok\n") == 0) return reply.substr(3);
  const std::size_t end = reply.find('\n');
  if (reply.compare(0, 6, "error ") != 0 || end == std::string::npos)
    throw Error(ErrorKind::unavailable, "QZ-BASE-010", path.string() + ": no answer");
  throw Error(ErrorKind::rejected, reply.substr(6, end - 6), reply.substr(end + 1));
}

}  // namespace qianzhi::service
