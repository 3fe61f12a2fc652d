// Records of a CSV file (RFC 4180, and what exports do beside it), read as a stream in bounded memory. Octets stay as
// they are in the file; what they mean is the caller's business. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/files/format.h"

namespace qianzhi::adapter::files {

class CsvReader {
 public:
  // Gives up to `size` octets of the file, 0 at its end. Throws what it throws.
  using Read = std::function<std::size_t(char* to, std::size_t size)>;

  static constexpr std::size_t longest_record = 16U << 20U;  // octets
  static constexpr std::size_t most_fields = 2000;

  CsvReader(const Format& format, Read read);

  // False at the end of the file. Empty lines are passed over. Throws Error(rejected, QZ-FIL-003), which names the
  // line, when what follows cannot be told apart: a quote that is not closed, text behind a closing quote, a line that
  // ends in CR alone, a record beyond the limits.
  bool next();

  // Of the present record, good until next().
  std::size_t fields() const { return ends_.size(); }
  std::string_view field(std::size_t index) const;
  bool is_quoted(std::size_t index) const { return quoted_[index]; }
  std::uint64_t line() const { return record_line_; }  // where it begins, from 1

  // Whether the last record of the file ended with a line end: one that does not may be half of one (pitfall 39).
  bool ends_with_line_end() const { return complete_; }

 private:
  bool fill();
  bool at_end();
  std::size_t run_until(const char* stops, std::size_t count) const;
  void plain_field();
  void quoted_field();
  bool take_separator();
  void append(std::size_t octets);
  [[noreturn]] void refuse(const std::string& what) const;

  Format format_;
  Read read_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool file_ended_ = false;
  bool complete_ = true;
  std::uint64_t line_ = 1;
  std::uint64_t record_line_ = 1;
  std::string data_;
  std::vector<std::size_t> ends_;
  std::vector<bool> quoted_;
};

}  // namespace qianzhi::adapter::files
