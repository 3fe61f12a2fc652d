#include "hub-protocol/service/private_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "hub-protocol/base/error.h"

namespace qianzhi::service {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, int error) {
  throw Error(ErrorKind::misuse, "QZ-BASE-011", file.string() + ": " + std::strerror(error));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void sync_folder_of(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || fsync(opened.get()) != 0) fail(folder, errno);
}

// Beside the file; what a crash left under this name was never in use.
std::filesystem::path write_beside(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::path fresh = file.string() + ".part";
  if (unlink(fresh.c_str()) != 0 && errno != ENOENT) fail(fresh, errno);
  const Descriptor opened(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (opened.get() < 0) fail(fresh, errno);
  while (!text.empty()) {
    const ssize_t written = write(opened.get(), text.data(), text.size());
    if (written < 0) fail(fresh, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(opened.get()) != 0) fail(fresh, errno);
  return fresh;
}

}  // namespace

void write_new_private(const std::filesystem::path& file, std::string_view text) {
  const std::filesystem::path fresh = write_beside(file, text);
  if (renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) != 0) {
    const int error = errno;
    unlink(fresh.c_str());
    fail(file, error);
  }
  sync_folder_of(file);
}

void replace_private(const std::filesystem::path& file, std::string_view text) {
  move_into_place(write_beside(file, text), file);
}

void replace_alike(const std::filesystem::path& file, std::string_view text) {
  std::error_code failure;
  const std::filesystem::path real = std::filesystem::canonical(file, failure);
  struct stat status {};
  if (failure || stat(real.c_str(), &status) != 0) fail(file, failure ? failure.value() : errno);
  const std::filesystem::path fresh = write_beside(real, text);
  // The mode after the owner: a change of owner takes bits away.
  const bool other_owner = status.st_uid != geteuid() || status.st_gid != getegid();
  if ((other_owner && chown(fresh.c_str(), status.st_uid, status.st_gid) != 0) ||
      chmod(fresh.c_str(), status.st_mode & 07777U) != 0) {
    const int error = errno;
    unlink(fresh.c_str());
    fail(file, error);
  }
  move_into_place(fresh, real);
}

void move_into_place(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) fail(to, errno);
  sync_folder_of(to);
}

}  // namespace qianzhi::service
