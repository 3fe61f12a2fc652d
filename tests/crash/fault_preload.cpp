// Loaded into a shipped program with LD_PRELOAD: makes calls on files whose path ends so fail.
//   QIANZHI_FAULT_FILE   end of the path
//   QIANZHI_FAULT_CALL   fdatasync, pwrite or ftruncate: the one to fail, once; fsync and write count as their kin
//   QIANZHI_FAULT_AT     which of these calls, from 1
//   QIANZHI_FAULT_NOTE   gets a line when it happened
//   QIANZHI_FAULT_FULL   while this file exists, no file whose path contains QIANZHI_FAULT_FILE grows: ENOSPC
//   QIANZHI_FAULT_CLOCK  a file that holds by how many seconds the time of day is ahead; absent: by none. Steady
//                        time and what the kernel waits for are as they are
// What was written since the last good sync is gone when a sync fails: kernels mark such pages clean and may drop them.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace {

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

ssize_t really_pwrite(int fd, const void* octets, size_t size, off_t at) {
  static const auto call = real<ssize_t(int, const void*, size_t, off_t)>("pwrite64");
  return call(fd, octets, size, at);
}

int really_truncate(int fd, off_t size) {
  static const auto call = real<int(int, off_t)>("ftruncate64");
  return call(fd, size);
}

std::string_view setting(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::string path_of(int fd) {
  char path[4096];
  const ssize_t size = readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
  return size <= 0 ? std::string() : std::string(path, static_cast<std::size_t>(size));
}

off_t size_of(int fd) {
  struct stat about {};
  return fstat(fd, &about) == 0 ? about.st_size : 0;
}

// What the file held before a write that no sync has followed yet.
struct Before {
  off_t at = 0;
  std::string octets;
  off_t size = 0;
};

struct State {
  std::mutex lock;
  long calls = 0;
  std::map<std::string, std::vector<Before>> unsynced;
};

State& state() {
  static State* const kept = new State;  // calls may come after static objects ended
  return *kept;
}

bool ends_so(const std::string& path) {
  const std::string_view end = setting("QIANZHI_FAULT_FILE");
  return !end.empty() && path.size() >= end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0;
}

void note(const std::string& line) {
  const int fd = open(std::string(setting("QIANZHI_FAULT_NOTE")).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (fd < 0) return;
  const std::string whole = line + "\n";
  really_pwrite(fd, whole.data(), whole.size(), size_of(fd));
  close(fd);
}

// Whether this call is the one. The lock is held.
bool strikes(const char* call, const std::string& path) {
  if (setting("QIANZHI_FAULT_CALL") != call || !ends_so(path)) return false;
  const std::string_view at = setting("QIANZHI_FAULT_AT");
  long which = 0;
  std::from_chars(at.data(), at.data() + at.size(), which);
  if (++state().calls != which) return false;
  note(std::string(call) + " " + path);
  errno = EIO;
  return true;
}

bool is_full(int fd, off_t end) {
  const std::string_view flag = setting("QIANZHI_FAULT_FULL");
  if (flag.empty() || access(std::string(flag).c_str(), F_OK) != 0) return false;
  if (path_of(fd).find(setting("QIANZHI_FAULT_FILE")) == std::string::npos || end <= size_of(fd)) return false;
  errno = ENOSPC;
  return true;
}

void remember(int fd, const std::string& path, off_t at, size_t size) {
  Before before{at, std::string(size, '\0'), size_of(fd)};
  const ssize_t had = pread(fd, before.octets.data(), size, at);
  before.octets.resize(had < 0 ? 0 : static_cast<std::size_t>(had));
  state().unsynced[path].push_back(std::move(before));
}

void drop_unsynced(int fd, const std::string& path) {
  std::vector<Before>& all = state().unsynced[path];
  for (auto before = all.rbegin(); before != all.rend(); ++before) {
    really_pwrite(fd, before->octets.data(), before->octets.size(), before->at);
    really_truncate(fd, before->size);
  }
  all.clear();
}

ssize_t put(int fd, const void* octets, size_t size, off_t at) {
  if (is_full(fd, at + static_cast<off_t>(size))) return -1;
  if (setting("QIANZHI_FAULT_CALL").empty()) return really_pwrite(fd, octets, size, at);
  const std::string path = path_of(fd);
  const std::lock_guard lock(state().lock);
  if (strikes("pwrite", path)) return -1;
  if (ends_so(path)) remember(fd, path, at, size);
  return really_pwrite(fd, octets, size, at);
}

int sync(int fd, const char* name) {
  const auto call = real<int(int)>(name);
  if (setting("QIANZHI_FAULT_CALL").empty()) return call(fd);
  const std::string path = path_of(fd);
  const std::lock_guard lock(state().lock);
  if (strikes("fdatasync", path)) {
    drop_unsynced(fd, path);
    errno = EIO;
    return -1;
  }
  const int result = call(fd);
  if (result == 0) state().unsynced.erase(path);
  return result;
}

int cut(int fd, off_t size) {
  if (!setting("QIANZHI_FAULT_CALL").empty()) {
    const std::string path = path_of(fd);
    const std::lock_guard lock(state().lock);
    if (strikes("ftruncate", path)) return -1;
  }
  return really_truncate(fd, size);
}

int read_clock(clockid_t id, timespec* value) {
  static const auto call = real<int(clockid_t, timespec*)>("clock_gettime");
  return call(id, value);
}

time_t seconds_ahead() {
  static const std::string* const file = new std::string(setting("QIANZHI_FAULT_CLOCK"));
  if (file->empty()) return 0;
  const int saved = errno;
  char digits[24] = {};
  const int fd = open(file->c_str(), O_RDONLY | O_CLOEXEC);
  const ssize_t size = fd < 0 ? 0 : read(fd, digits, sizeof digits);
  if (fd >= 0) close(fd);
  errno = saved;
  time_t seconds = 0;
  if (size > 0) std::from_chars(digits, digits + size, seconds);
  return seconds;
}

}  // namespace

#define QZ_INTERPOSED extern "C" __attribute__((visibility("default")))

QZ_INTERPOSED ssize_t pwrite(int fd, const void* octets, size_t size, off_t at) { return put(fd, octets, size, at); }
QZ_INTERPOSED ssize_t pwrite64(int fd, const void* octets, size_t size, off_t at) { return put(fd, octets, size, at); }
QZ_INTERPOSED int fsync(int fd) { return sync(fd, "fsync"); }
QZ_INTERPOSED int fdatasync(int fd) { return sync(fd, "fdatasync"); }
QZ_INTERPOSED int ftruncate(int fd, off_t size) noexcept { return cut(fd, size); }
QZ_INTERPOSED int ftruncate64(int fd, off_t size) noexcept { return cut(fd, size); }

QZ_INTERPOSED int clock_gettime(clockid_t id, timespec* value) noexcept {
  const int result = read_clock(id, value);
  if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) value->tv_sec += seconds_ahead();
  return result;
}
QZ_INTERPOSED int gettimeofday(timeval* value, void* /*zone*/) noexcept {
  timespec now{};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  *value = {now.tv_sec, static_cast<suseconds_t>(now.tv_nsec / 1'000)};
  return 0;
}
QZ_INTERPOSED time_t time(time_t* value) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (value != nullptr) *value = now.tv_sec;
  return now.tv_sec;
}
