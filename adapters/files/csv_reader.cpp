#include "adapters/files/csv_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "adapters/files/encoding.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::files {

namespace {

constexpr std::size_t read_ahead = 256U << 10U;
constexpr std::size_t longest_character = 4;

}  // namespace

CsvReader::CsvReader(const Format& format, Read read) : format_(format), read_(std::move(read)) {}

void CsvReader::refuse(const std::string& what) const {
  throw Error(ErrorKind::rejected, "QZ-FIL-003", "line " + std::to_string(line_) + ": " + what);
}

// Sees to it that a whole character is there, unless the file ends.
bool CsvReader::fill() {
  while (buffer_.size() - at_ < longest_character && !file_ended_) {
    buffer_.erase(0, at_);
    at_ = 0;
    const std::size_t had = buffer_.size();
    buffer_.resize(had + read_ahead);
    const std::size_t got = read_(buffer_.data() + had, read_ahead);
    buffer_.resize(had + got);
    file_ended_ = got == 0;
  }
  return at_ < buffer_.size();
}

bool CsvReader::at_end() { return !fill(); }

void CsvReader::append(std::size_t octets) {
  if (data_.size() + octets > longest_record) refuse("the record is longer than 16 MiB; is a quote not closed?");
  data_.append(buffer_, at_, octets);
  at_ += octets;
}

std::string_view CsvReader::field(std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(data_).substr(begin, ends_[index] - begin);
}

// Octets from at_ on that surely belong to the field: up to one of `stops`, or where a character may not be whole.
std::size_t CsvReader::run_until(const char* stops, std::size_t count) const {
  const std::size_t end = file_ended_ ? buffer_.size() : buffer_.size() - (longest_character - 1);
  std::size_t i = at_;
  while (i < end) {
    const char c = buffer_[i];
    if (std::memchr(stops, c, count) != nullptr) break;
    i += c >= 0 ? 1 : character_length(format_.encoding, buffer_, i);
  }
  return std::min(i, buffer_.size()) - at_;
}

void CsvReader::plain_field() {
  const char stops[] = {format_.delimiter, '\n', '\r'};
  while (!at_end()) {
    const std::size_t run = run_until(stops, sizeof stops);
    if (run == 0) return;
    append(run);
  }
}

void CsvReader::quoted_field() {
  const std::uint64_t opened = line_;
  const char stops[] = {format_.quote, '\n', format_.backslash ? '\\' : '\n'};
  for (++at_; !at_end();) {
    if (const std::size_t run = run_until(stops, sizeof stops); run != 0) {
      append(run);
      continue;
    }
    const char c = buffer_[at_];
    const char next = at_ + 1 < buffer_.size() ? buffer_[at_ + 1] : '\0';
    if (c == '\n') {
      ++line_;
      append(1);
    } else if (c == format_.quote && (next != format_.quote || format_.backslash)) {
      ++at_;
      return;
    } else {
      // A doubled quote, or a backslash before what it protects; before anything else it means itself.
      if (c == format_.quote || next == format_.quote || next == '\\') ++at_;
      append(1);
    }
  }
  refuse("the quote that opens in line " + std::to_string(opened) + " is not closed");
}

// True: another field follows in this record.
bool CsvReader::take_separator() {
  if (at_end()) {
    complete_ = false;
    return false;
  }
  const char c = buffer_[at_];
  if (c == format_.delimiter) {
    ++at_;
    return true;
  }
  if (c == '\r') {
    ++at_;
    // A file that was cut between the two is not complete, but what it holds can be told apart.
    if (at_end()) {
      complete_ = false;
      return false;
    }
    if (buffer_[at_] != '\n') refuse("a line ends in CR alone; LF or CR LF is needed");
  } else if (c != '\n') {
    refuse("text stands behind a closing quote");
  }
  ++at_;
  ++line_;
  return false;
}

bool CsvReader::next() {
  for (;;) {
    data_.clear();
    ends_.clear();
    quoted_.clear();
    if (at_end()) return false;
    record_line_ = line_;
    for (bool more = true; more;) {
      const bool quoted = format_.quote != '\0' && !at_end() && buffer_[at_] == format_.quote;
      if (quoted)
        quoted_field();
      else
        plain_field();
      if (ends_.size() == most_fields) refuse("the record has more than 2000 fields");
      ends_.push_back(data_.size());
      quoted_.push_back(quoted);
      more = take_separator();
    }
    if (fields() > 1 || quoted_.front() || !data_.empty()) return true;
  }
}

}  // namespace qianzhi::adapter::files
