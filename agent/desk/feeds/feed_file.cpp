#include "agent/desk/feeds/feed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

bool sync_path(const std::filesystem::path& path, int flags) {
  const int number = open(path.c_str(), flags | O_CLOEXEC);
  if (number < 0) return false;
  const bool done = fsync(number) == 0;
  close(number);
  return done;
}

}  // namespace

FeedFile::FeedFile(std::filesystem::path place)
    : place_(std::move(place)), fresh_(place_.string() + ".part"), out_(fresh_, std::ios::binary | std::ios::trunc) {
  if (!out_.good()) fail("open");
}

FeedFile::~FeedFile() {
  std::error_code ignored;
  if (!published_) std::filesystem::remove(fresh_, ignored);
}

void FeedFile::fail(const char* what) const {
  throw Error(ErrorKind::unavailable, "QZ-DSK-153", place_.string() + ": " + what);
}

void FeedFile::write(std::string_view text) {
  out_.write(text.data(), static_cast<std::streamsize>(text.size()));
  digest_.add(text);
  if (!out_.good()) fail("write");
}

std::string FeedFile::publish() {
  out_.close();
  std::error_code failure;
  if (!out_.good() || !sync_path(fresh_, O_RDONLY)) fail("sync");
  std::filesystem::rename(fresh_, place_, failure);
  if (failure) fail("rename");
  published_ = true;
  if (!sync_path(place_.parent_path(), O_RDONLY | O_DIRECTORY)) fail("sync of the folder");
  return digest_.take();
}

}  // namespace qianzhi::desk
