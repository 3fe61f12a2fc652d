#include "adapters/files/csv_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::files {

namespace {

constexpr std::size_t buffered = 1U << 20U;
constexpr mode_t mode = 0640;  // the reader is another account, of the folder's group; whatever our umask is

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw Error(ErrorKind::unavailable, "QZ-FIL-016",
              std::string(what) + " " + path.string() + ": " + std::strerror(errno));
}

void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail(folder, "cannot open");
  const bool synced = fsync(descriptor) == 0;
  close(descriptor);
  if (!synced) fail(folder, "cannot sync");
}

}  // namespace

CsvWriter::CsvWriter(const TargetSettings& settings, const std::filesystem::path& file)
    : settings_(settings),
      file_(file),
      hidden_(file.parent_path() / ("." + file.filename().string() + ".part")),
      from_utf8_(Converter::from_utf8(settings.format.encoding)) {
  unlink(hidden_.c_str());
  descriptor_ = open(hidden_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  if (descriptor_ < 0 || fchmod(descriptor_, mode) != 0) fail(hidden_, "cannot create");
  if (settings.byte_order_mark)
    buffer_ = settings.format.encoding == Encoding::utf8 ? "\xEF\xBB\xBF" : "\x84\x31\x95\x33";
}

CsvWriter::~CsvWriter() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(hidden_.c_str());
}

std::filesystem::path CsvWriter::marker() const { return file_.string() + settings_.marker; }

void CsvWriter::flush() {
  for (std::size_t at = 0; at < buffer_.size();) {
    const ssize_t written = write(descriptor_, buffer_.data() + at, buffer_.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(hidden_, "cannot write");
    at += static_cast<std::size_t>(written);
  }
  buffer_.clear();
}

void CsvWriter::end_record() {
  buffer_ += settings_.crlf ? "\r\n" : "\n";
  if (buffer_.size() >= buffered) flush();
}

void CsvWriter::field(std::string_view text, bool first) {
  if (!first) buffer_ += settings_.format.delimiter;
  const char special[] = {settings_.format.delimiter, settings_.format.quote, '\r', '\n'};
  const bool quotes = text == settings_.format.null ||
                      text.find_first_of(std::string_view(special, sizeof special)) != std::string_view::npos;
  // Quotes are doubled before the text is converted: afterwards an octet of a character may look like one.
  std::string doubled;
  if (quotes) {
    doubled = settings_.format.quote;
    for (const char c : text) doubled.append(c == settings_.format.quote ? 2 : 1, c);
    doubled += settings_.format.quote;
    text = doubled;
  }
  const auto converted = from_utf8_.convert(text);
  if (!converted)
    throw Error(ErrorKind::unavailable, "QZ-FIL-016",
                "a value of record " + std::to_string(records_ + 1) + " does not exist in the encoding of the file");
  buffer_ += *converted;
}

void CsvWriter::header(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) field(names[i], i == 0);
  end_record();
}

void CsvWriter::rows(const std::vector<Column>& columns) {
  const std::size_t count = columns.empty() ? 0 : columns.front().size();
  for (std::size_t row = 0; row < count; ++row) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].presence(row) != Presence::null) {
        field(columns[i].text(row), i == 0);
        continue;
      }
      if (i != 0) buffer_ += settings_.format.delimiter;
      buffer_ += settings_.format.null;
    }
    ++records_;
    end_record();
  }
}

void CsvWriter::publish() {
  flush();
  if (fsync(descriptor_) != 0) fail(hidden_, "cannot sync");
  const std::filesystem::path folder = file_.parent_path();
  // A reader that finds the marker finds the file that it belongs to.
  if (!settings_.marker.empty() && unlink(marker().c_str()) != 0 && errno != ENOENT) fail(marker(), "cannot remove");
  if (rename(hidden_.c_str(), file_.c_str()) != 0) fail(file_, "cannot replace");
  close(descriptor_);
  descriptor_ = -1;
  sync_folder(folder);
  if (settings_.marker.empty()) return;
  const int descriptor = open(marker().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (descriptor < 0 || fchmod(descriptor, mode) != 0) fail(marker(), "cannot create");
  const std::string text = std::to_string(records_) + "\n";
  const bool written = write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(descriptor);
  if (!written) fail(marker(), "cannot write");
}

}  // namespace qianzhi::adapter::files
