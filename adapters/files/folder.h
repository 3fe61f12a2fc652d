// The drop folder: which files are there, whether they are complete, and where they go afterwards. Files are never
// deleted; a file is left where it is until it went to the archive or to the rejected ones. One thread at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/files/settings.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::adapter::files {

// What tells one content of a file from another without reading it.
struct FileState {
  dev_t device = 0;
  ino_t inode = 0;
  std::int64_t size = 0;
  std::int64_t changed = 0;  // nanoseconds
  bool operator==(const FileState&) const = default;
};

// An open file, closed with the object. Only regular files; a symbolic link is none.
class InputFile {
 public:
  // Throws Error(unavailable, QZ-FIL-001).
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Octets read, 0 at the end.
  std::size_t read(char* to, std::size_t size);
  FileState state() const;

 private:
  int descriptor_ = -1;
  std::string name_;
};

struct Waiting {
  std::string name;
  std::size_t table = 0;  // in SourceSettings::tables
  bool changes = false;
};

// Something about the folder that a person should know.
struct Remark {
  std::size_t table = 0;
  std::string code;
  std::string detail;
};

struct Look {
  std::vector<Waiting> complete;  // in the order of their names
  std::vector<Waiting> rejected;  // those that still lie there
  std::vector<Remark> remarks;
};

class Folder {
 public:
  // settings and clock must outlive it.
  Folder(const SourceSettings& settings, const Clock& clock) : settings_(settings), clock_(clock) {}

  // Throws Error(unavailable, QZ-FIL-001) if the folder cannot be read.
  Look look();

  std::filesystem::path path_of(const std::string& name) const { return settings_.folder / name; }
  // Whether a person has put NAME.accept beside it: a full file may remove as much as it likes.
  bool is_accepted(const std::string& name) const;
  // What the marker says of the file's records; nothing if it says nothing, or there is none.
  std::optional<std::uint64_t> promised_records(const std::string& name) const;
  // With its marker; the name gets the time before it. Throws Error(unavailable, QZ-FIL-012).
  void archive(const std::string& name) const;
  // The file keeps its name, and NAME.reason.txt says why, in Chinese and English.
  void reject(const std::string& name, const std::string& code, const std::string& detail) const;
  // Why it was rejected, from the file beside it.
  Remark remark_of(const Waiting& rejected) const;
  // It was replaced by a better one: the rejected one goes to the archive.
  void forgive(const std::string& name) const;

 private:
  struct Seen {
    FileState state;
    Micros since = 0;
  };

  std::vector<std::string> names(const std::filesystem::path& folder) const;
  std::vector<Waiting> fits(const std::string& name) const;
  bool is_complete(const std::string& name, const FileState& state);
  void move(const std::filesystem::path& from, const std::filesystem::path& to) const;
  void drop_marks(const std::string& name) const;
  std::string stamp() const;

  const SourceSettings& settings_;
  const Clock& clock_;
  std::map<std::string, Seen> seen_;
};

inline constexpr const char* accept_suffix = ".accept";
inline constexpr const char* reason_suffix = ".reason.txt";

// A file name as it can be shown: one that is not plain UTF-8 text in hexadecimal.
std::string shown(const std::string& name);

}  // namespace qianzhi::adapter::files
