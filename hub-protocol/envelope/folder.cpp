#include "hub-protocol/envelope/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "hub-protocol/base/codes.h"
#include "hub-protocol/envelope/message.h"

namespace qianzhi {

namespace {

constexpr const char* reject_name = "reject";
constexpr std::string_view part_end = ".part";
constexpr std::size_t most_parts = 10'000;
constexpr mode_t folder_mode = 0750;
constexpr mode_t file_mode = 0640;

struct Descriptor {
  explicit Descriptor(int number) : fd(number) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd;
};

FileState state_from(const struct stat& told) {
  return {static_cast<std::uint64_t>(told.st_size), static_cast<std::uint64_t>(told.st_ino),
          static_cast<Micros>(told.st_ctim.tv_sec) * 1'000'000 + told.st_ctim.tv_nsec / 1000, S_ISREG(told.st_mode)};
}

// An error of the file and not of the folder: the file is as good as not there.
bool is_of_file(int error) { return error == ENOENT || error == ELOOP || error == ENXIO; }

}  // namespace

void Folder::fail(const std::string& what, int error) const {
  const bool no_room = error == ENOSPC || error == EDQUOT;
  throw Error(no_room ? ErrorKind::full : ErrorKind::unavailable, code_,
              path_.string() + ": " + what + ": " + std::generic_category().message(error));
}

std::vector<std::string> Folder::names(std::size_t most) const { return entries(most, false); }

void Folder::remove_parts(Micros before) const {
  for (const std::string& name : entries(most_parts, true)) {
    const bool is_part = name.size() > part_end.size() && name.substr(name.size() - part_end.size()) == part_end;
    const auto state = is_part ? state_of(name) : std::nullopt;
    if (state && state->changed < before) remove(name);
  }
}

std::vector<std::string> Folder::entries(std::size_t most, bool hidden) const {
  DIR* opened = ::opendir(path_.c_str());
  if (opened == nullptr) fail("open", errno);
  std::vector<std::string> all;
  while (all.size() < most) {
    const dirent* entry = ::readdir(opened);
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if ((name.front() == '.') == hidden && name != reject_name) all.push_back(name);
  }
  ::closedir(opened);
  return all;
}

std::optional<FileState> Folder::state_of(const std::string& name) const {
  struct stat told {};
  if (::lstat((path_ / name).c_str(), &told) == 0) return state_from(told);
  const int error = errno;
  // The folder itself may be gone.
  if (!is_of_file(error) || ::access(path_.c_str(), R_OK | X_OK) != 0) fail(name, errno == 0 ? error : errno);
  return std::nullopt;
}

std::optional<Bytes> Folder::read(const std::string& name, std::size_t limit) const {
  const Descriptor file(::open((path_ / name).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  const int error = errno;
  if (file.fd < 0 && ::access(path_.c_str(), R_OK | X_OK) != 0) fail(name, error);
  struct stat told {};
  // One file that its writer lets nobody read must not keep the others waiting.
  if (file.fd < 0 || ::fstat(file.fd, &told) != 0) return std::nullopt;
  const FileState state = state_from(told);
  if (!state.is_regular || state.size > limit) return std::nullopt;
  Bytes octets(static_cast<std::size_t>(state.size), '\0');
  std::size_t got = 0;
  while (got < octets.size()) {
    const ssize_t piece = ::read(file.fd, octets.data() + got, octets.size() - got);
    if (piece < 0 && errno == EINTR) continue;
    if (piece <= 0) break;
    got += static_cast<std::size_t>(piece);
  }
  octets.resize(got);
  return octets;
}

void Folder::write_new(const std::filesystem::path& file, std::string_view octets) const {
  const Descriptor made(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, file_mode));
  if (made.fd < 0) fail("write", errno);
  while (!octets.empty()) {
    const ssize_t piece = ::write(made.fd, octets.data(), octets.size());
    if (piece < 0 && errno == EINTR) continue;
    if (piece < 0) fail("write", errno);
    octets.remove_prefix(static_cast<std::size_t>(piece));
  }
  if (::fsync(made.fd) != 0) fail("write", errno);
}

void Folder::sync() const {
  const Descriptor folder(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some network file systems cannot; the file itself was.
  if (folder.fd >= 0) ::fsync(folder.fd);
}

void Folder::put(const std::string& name, std::string_view octets) const {
  const std::filesystem::path temporary = path_ / ("." + name + std::string(part_end));
  try {
    write_new(temporary, octets);
    if (::rename(temporary.c_str(), (path_ / name).c_str()) != 0) fail("rename", errno);
  } catch (const Error&) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync();
}

bool Folder::remove(const std::string& name) const {
  if (::unlink((path_ / name).c_str()) == 0) return true;
  if (errno != ENOENT) fail("remove " + name, errno);
  return false;
}

void Folder::set_aside(const std::string& name, const Error& reason, Micros now) const {
  const std::filesystem::path kept = path_ / reject_name / name;
  try {
    ::mkdir((path_ / reject_name).c_str(), folder_mode);
    const auto state = state_of(name);
    const bool keeps = state && state->is_regular && state->size <= file_limit;
    if (!keeps || ::rename((path_ / name).c_str(), kept.c_str()) != 0) remove(name);
    std::string text = to_text(now) + "\n" + reason.code() + " " + reason.detail() + "\n";
    if (const auto told = explain(reason.code())) {
      text.append(told->title_zh).append("。").append(told->next_zh).append("\n");
      text.append(told->title_en).append("; ").append(told->next_en).append("\n");
    }
    write_new(kept.string() + ".txt", text);
    bound_rejects();
  } catch (const Error&) {
    // Without room for the text or the folder the file at least stops nobody.
    ::unlink((path_ / name).c_str());
  }
}

void Folder::bound_rejects() const {
  const Folder rejects(path_ / reject_name, code_);
  std::vector<std::pair<Micros, std::string>> all;
  for (const std::string& name : rejects.names(10 * reject_limit))
    if (const auto state = rejects.state_of(name)) all.emplace_back(state->changed, name);
  if (all.size() <= reject_limit) return;
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size() - reject_limit; ++i) rejects.remove(all[i].second);
}

void Folder::check() const {
  const std::string probe = ".qianzhi-check";
  write_new(path_ / (probe + ".part"), "qianzhi\n");
  if (::rename((path_ / (probe + ".part")).c_str(), (path_ / probe).c_str()) != 0) fail("rename", errno);
  remove(probe);
}

}  // namespace qianzhi
