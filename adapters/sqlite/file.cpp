#include "adapters/sqlite/file.h"

#include <sys/stat.h>

#include <charconv>

#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::lite {

namespace {

int milliseconds_of(const std::string& text) {
  int value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || value < 0 || value > 600'000)
    throw Error(ErrorKind::misuse, "QZ-ADP-010", "busy_timeout_ms must be a number from 0 to 600000");
  return value;
}

}  // namespace

File::File(const Connection& connection) {
  options_.access = sqlite::Access::read_write;
  options_.own_store = false;
  for (const auto& [name, value] : connection.options) {
    if (name == "file")
      path_ = value;
    else if (name == "vfs")
      options_.vfs = value;
    else if (name == "busy_timeout_ms")
      options_.busy_timeout_ms = milliseconds_of(value);
    else
      throw Error(ErrorKind::misuse, "QZ-ADP-010", "unknown option of a sqlite connection: " + name);
  }
  if (path_.empty()) throw Error(ErrorKind::misuse, "QZ-ADP-010", "a sqlite connection needs the option file");
}

bool File::was_replaced() const {
  if (!options_.vfs.empty()) return false;
  struct stat now {};
  return stat(path_.c_str(), &now) != 0 || now.st_dev != device_ || now.st_ino != inode_;
}

sqlite::Database& File::database() {
  if (database_.has_value() && was_replaced()) close();
  if (database_.has_value()) return *database_;
  if (options_.vfs.empty()) {
    struct stat now {};
    if (stat(path_.c_str(), &now) != 0)
      throw Error(ErrorKind::unavailable, "QZ-ADP-010", "there is no database file " + path_.string());
    device_ = now.st_dev;
    inode_ = now.st_ino;
  }
  database_.emplace(path_, options_);
  ++generation_;
  return *database_;
}

void File::close() { database_.reset(); }

}  // namespace qianzhi::adapter::lite
