#include "agent/desk/outlets/file_outlet.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "hub-protocol/base/cells.h"

namespace qianzhi::desk {

namespace {

class LockedFile {
 public:
  explicit LockedFile(const std::filesystem::path& path)
      : number_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640)) {
    if (number_ >= 0 && flock(number_, LOCK_EX | LOCK_NB) != 0) {
      close(number_);
      number_ = -1;
    }
  }
  ~LockedFile() {
    if (number_ >= 0) close(number_);
  }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;

  bool is_open() const { return number_ >= 0; }
  off_t size() const {
    struct stat status {};
    return fstat(number_, &status) == 0 ? status.st_size : -1;
  }
  std::string from(off_t place) const {
    std::string text;
    std::array<char, 65536> buffer{};
    for (ssize_t count = 0; (count = pread(number_, buffer.data(), buffer.size(), place)) > 0; place += count)
      text.append(buffer.data(), static_cast<std::size_t>(count));
    return text;
  }
  bool cut(off_t place) const { return ftruncate(number_, place) == 0; }
  bool write_at(off_t place, std::string_view text) const {
    while (!text.empty()) {
      const ssize_t count = pwrite(number_, text.data(), text.size(), place);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      place += count;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  bool sync() const { return fdatasync(number_) == 0; }

 private:
  int number_;
};

// Also when the file itself is new.
void sync_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const int number = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (number < 0) return;
  fsync(number);
  close(number);
}

Delivery file_fault(const char* what) {
  return {Delivery::Verdict::later, std::string("QZ-DSK-101 ") + what + ": " + std::strerror(errno)};
}

}  // namespace

FileOutlet::FileOutlet(FileConfig config) : config_(std::move(config)) {}

std::string FileOutlet::place() {
  struct stat status {};
  return std::to_string(stat(config_.file.c_str(), &status) == 0 ? status.st_size : 0);
}

std::string FileOutlet::line_of(const Notice& notice) const {
  if (!config_.csv) return json_of(notice) + "\n";
  std::vector<std::string> cells{notice.token};
  for (const std::string& column : config_.columns) {
    const auto found = notice.fields.find(column);
    std::string cell = found == notice.fields.end() ? std::string() : found->second;
    if (column == "subject" && found == notice.fields.end()) cell = notice.subject;
    if (column == "event" && found == notice.fields.end()) cell = notice.event;
    // A line is one notice: a torn one must be told from the next.
    for (char& c : cell)
      if (c == '\n' || c == '\r') c = ' ';
    cells.push_back(std::move(cell));
  }
  return csv_line(cells);
}

Delivery FileOutlet::send(const Notice& notice) {
  const LockedFile file(config_.file);
  if (!file.is_open()) return file_fault("open");
  off_t place = 0;
  std::from_chars(notice.place.data(), notice.place.data() + notice.place.size(), place);
  off_t size = file.size();
  if (size < place) return {Delivery::Verdict::uncertain, "QZ-DSK-103 the file is shorter than it was"};
  const std::string line = line_of(notice);
  const std::string written = file.from(place);
  const std::size_t found = written.find(line);
  if (found != std::string::npos && (found == 0 || written[found - 1] == '\n')) {
    if (!file.sync()) return file_fault("sync");
    return {Delivery::Verdict::sent, "was written before"};
  }
  const std::size_t last = written.rfind('\n') + 1;  // npos + 1 is 0
  if (last < written.size()) {
    size = place + static_cast<off_t>(last);
    if (!file.cut(size)) return file_fault("truncate");
  }
  std::string head;
  if (size == 0 && config_.csv) {
    std::vector<std::string> names{"id"};
    names.insert(names.end(), config_.columns.begin(), config_.columns.end());
    head = std::string(csv_mark) + csv_line(names);
  }
  if (!file.write_at(size, head + line) || !file.sync()) return file_fault("write");
  if (size == 0) sync_folder(config_.file);
  return {Delivery::Verdict::sent, "written"};
}

}  // namespace qianzhi::desk
