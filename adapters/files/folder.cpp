#include "adapters/files/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>

#include "adapters/files/encoding.h"
#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::files {

namespace {

[[noreturn]] void unusable(const std::filesystem::path& path, const char* what) {
  throw Error(ErrorKind::unavailable, "QZ-FIL-001",
              std::string(what) + " " + shown(path.string()) + ": " + std::strerror(errno));
}

FileState state_of(const struct stat& entry) {
  return {entry.st_dev, entry.st_ino, entry.st_size,
          static_cast<std::int64_t>(entry.st_mtim.tv_sec) * 1'000'000'000 + entry.st_mtim.tv_nsec};
}

bool matches(const std::string& pattern, const std::string& name) {
  return !pattern.empty() && fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

bool is_there(const std::filesystem::path& path) {
  struct stat entry {};
  return lstat(path.c_str(), &entry) == 0;
}

}  // namespace

std::string shown(const std::string& name) {
  Converter utf8 = Converter::to_utf8(Encoding::utf8);
  const bool plain = std::none_of(name.begin(), name.end(), [](char c) { return c >= 0 && c < ' '; });
  return plain && utf8.convert(name) ? name : "0x" + to_hex(name);
}

InputFile::InputFile(const std::filesystem::path& path)
    : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)), name_(path.string()) {
  struct stat entry {};
  if (descriptor_ < 0 || fstat(descriptor_, &entry) != 0) unusable(path, "cannot open");
  if (S_ISREG(entry.st_mode)) return;
  close(descriptor_);
  throw Error(ErrorKind::unavailable, "QZ-FIL-001", shown(name_) + " is not a regular file");
}

InputFile::~InputFile() { close(descriptor_); }

std::size_t InputFile::read(char* to, std::size_t size) {
  for (;;) {
    const ssize_t got = ::read(descriptor_, to, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) unusable(name_, "cannot read");
  }
}

FileState InputFile::state() const {
  struct stat entry {};
  if (fstat(descriptor_, &entry) != 0) unusable(name_, "cannot look at");
  return state_of(entry);
}

std::vector<std::string> Folder::names(const std::filesystem::path& path) const {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), &closedir);
  if (!folder) unusable(path, "cannot read the folder");
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(folder.get())) names.emplace_back(entry->d_name);
  if (errno != 0) unusable(path, "cannot read the folder");
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<Waiting> Folder::fits(const std::string& name) const {
  std::vector<Waiting> fits;
  for (const std::string& suffix : {settings_.marker, std::string(accept_suffix), std::string(reason_suffix)})
    if (!suffix.empty() && name.ends_with(suffix)) return fits;
  for (std::size_t i = 0; i < settings_.tables.size(); ++i) {
    const TableFiles& table = settings_.tables[i];
    if (matches(table.full, name)) fits.push_back({name, i, false});
    if (matches(table.changes, name)) fits.push_back({name, i, true});
  }
  return fits;
}

Look Folder::look() {
  Look look;
  std::map<std::string, Seen> still;
  for (const std::string& name : names(settings_.folder)) {
    const std::vector<Waiting> found = fits(name);
    struct stat entry {};
    if (found.empty() || lstat(path_of(name).c_str(), &entry) != 0 || !S_ISREG(entry.st_mode)) continue;
    if (found.size() > 1) {
      look.remarks.push_back({found.front().table, "QZ-FIL-013", "more than one pattern matches " + shown(name)});
      continue;
    }
    if (is_complete(name, state_of(entry))) look.complete.push_back(found.front());
    if (const auto seen = seen_.find(name); seen != seen_.end()) still.insert(*seen);
  }
  seen_ = std::move(still);
  if (!is_there(settings_.rejected)) return look;
  for (const std::string& name : names(settings_.rejected))
    for (const Waiting& file : fits(name)) look.rejected.push_back(file);
  return look;
}

// By quiet: the steady clock counts, since the file's own times follow a clock that may step.
bool Folder::is_complete(const std::string& name, const FileState& state) {
  if (!settings_.marker.empty()) return is_there(path_of(name + settings_.marker));
  const Micros now = clock_.steady();
  const auto [seen, first] = seen_.try_emplace(name, Seen{state, now});
  if (!first && !(seen->second.state == state)) seen->second = {state, now};
  return now - seen->second.since >= settings_.quiet;
}

bool Folder::is_accepted(const std::string& name) const { return is_there(path_of(name + accept_suffix)); }

std::optional<std::uint64_t> Folder::promised_records(const std::string& name) const {
  if (settings_.marker.empty()) return std::nullopt;
  std::ifstream marker(path_of(name + settings_.marker));
  std::uint64_t records = 0;
  if (!(marker >> records)) return std::nullopt;
  return records;
}

std::string Folder::stamp() const {
  const Micros now = clock_.now();
  const std::time_t seconds = now / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const std::size_t length = std::strftime(text, sizeof text, "%Y%m%dT%H%M%S", &parts);
  std::string fraction = std::to_string(1'000'000 + now % 1'000'000);
  return std::string(text, length) + "." + fraction.substr(1) + "Z-";
}

// Never over another file: what is there stays.
void Folder::move(const std::filesystem::path& from, const std::filesystem::path& to) const {
  std::error_code ignored;
  std::filesystem::create_directory(to.parent_path(), ignored);
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0)
    throw Error(ErrorKind::unavailable, "QZ-FIL-012",
                "cannot move " + shown(from.string()) + " to " + shown(to.string()) + ": " + std::strerror(errno));
}

void Folder::drop_marks(const std::string& name) const {
  if (!settings_.marker.empty()) unlink(path_of(name + settings_.marker).c_str());
  unlink(path_of(name + accept_suffix).c_str());
}

void Folder::archive(const std::string& name) const {
  move(path_of(name), settings_.archive / (stamp() + name));
  drop_marks(name);
}

void Folder::reject(const std::string& name, const std::string& code, const std::string& detail) const {
  forgive(name);
  // The reason first: a rejected file without one would help nobody.
  std::error_code ignored;
  std::filesystem::create_directory(settings_.rejected, ignored);
  std::ofstream reason(settings_.rejected / (name + reason_suffix), std::ios::binary | std::ios::trunc);
  const auto known = explain(code);
  reason << "\xEF\xBB\xBF" << name << "\r\n\r\n" << code << "\r\n";
  if (known)
    reason << known->title_zh << "。\r\n"
           << known->next_zh << "。\r\n\r\n"
           << known->title_en << ".\r\n"
           << known->next_en << ".\r\n";
  reason << "\r\n" << detail << "\r\n";
  reason.close();
  if (!reason) unusable(settings_.rejected, "cannot write to");
  // For the people who drop files, whatever our umask is.
  chmod((settings_.rejected / (name + reason_suffix)).c_str(), 0640);
  move(path_of(name), settings_.rejected / name);
  drop_marks(name);
}

// The folder is open to others: what is no reason of ours is not repeated.
Remark Folder::remark_of(const Waiting& rejected) const {
  constexpr std::size_t longest = 2000;
  Remark remark{rejected.table, "QZ-FIL-014", shown(rejected.name)};
  std::ifstream reason(settings_.rejected / (rejected.name + reason_suffix), std::ios::binary);
  std::string detail;
  std::string code;
  for (std::string line; std::getline(reason, line) && line.size() < longest;) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (code.empty() && line.rfind("QZ-FIL-", 0) == 0) code = line;
    if (!line.empty()) detail = line;
  }
  if (explain(code) && shown(detail) == detail) {
    remark.code = code;
    remark.detail += ": " + detail;
  }
  return remark;
}

void Folder::forgive(const std::string& name) const {
  if (!is_there(settings_.rejected / name)) return;
  move(settings_.rejected / name, settings_.archive / (stamp() + "rejected-" + name));
  unlink((settings_.rejected / (name + reason_suffix)).c_str());
}

}  // namespace qianzhi::adapter::files
