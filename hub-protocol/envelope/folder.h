// A folder that a gateway carries files to or from. Whoever else writes there is not trusted: names are checked by the
// caller, nothing but regular files is read, sizes are known before anything is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"

namespace qianzhi {

// A file as the file system tells of it; differs once somebody wrote to it or replaced it.
struct FileState {
  std::uint64_t size = 0;
  std::uint64_t file = 0;  // inode
  Micros changed = 0;      // ctime: when it came here or was last written, by this machine's clock
  bool is_regular = false;
  bool operator==(const FileState&) const = default;
};

// All functions but those that say otherwise throw Error(unavailable or full) with the code given here: the folder is
// not there, may not be used, or there is no room. Names hold no "/".
class Folder {
 public:
  Folder(std::filesystem::path path, std::string code) : path_(std::move(path)), code_(std::move(code)) {}

  const std::filesystem::path& path() const { return path_; }
  // Names in it, unsorted, at most so many, without those that begin with "." and the folder of what was set aside.
  std::vector<std::string> names(std::size_t most) const;
  // Nothing: it is not there. Never follows a link.
  std::optional<FileState> state_of(const std::string& name) const;
  // Nothing: it is not there, cannot be read (yet), is no regular file, or larger than limit.
  std::optional<Bytes> read(const std::string& name, std::size_t limit) const;
  // Under a name that begins with "." first; on stable storage before it has its own.
  void put(const std::string& name, std::string_view octets) const;
  // What put() began and never ended, if it is older than this.
  void remove_parts(Micros before) const;
  // True if it was there.
  bool remove(const std::string& name) const;
  // Moves it into the folder "reject" beside a text that says why, in both languages; of the oldest there no more than
  // reject_limit stay, and what is larger than file_limit is only removed. Never throws.
  void set_aside(const std::string& name, const Error& reason, Micros now) const;
  // Throws unless files can be written, renamed and removed in it.
  void check() const;

 private:
  [[noreturn]] void fail(const std::string& what, int error) const;
  void write_new(const std::filesystem::path& file, std::string_view octets) const;
  void sync() const;
  void bound_rejects() const;
  std::vector<std::string> entries(std::size_t most, bool hidden) const;

  std::filesystem::path path_;
  std::string code_;
};

inline constexpr std::size_t reject_limit = 200;  // files, their texts included

}  // namespace qianzhi
