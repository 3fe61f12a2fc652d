// Writes one CSV file (RFC 4180) so that a reader sees the former file or the whole new one, never a part: into a
// hidden file beside it, synced, then renamed. One thread at a time.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/files/encoding.h"
#include "adapters/files/settings.h"
#include "hub-protocol/model/rows.h"

namespace qianzhi::adapter::files {

class CsvWriter {
 public:
  // Throws Error(unavailable, QZ-FIL-016) as all of it does when folder or disk refuse.
  CsvWriter(const TargetSettings& settings, const std::filesystem::path& file);
  // Without publish() nothing is left.
  ~CsvWriter();
  CsvWriter(const CsvWriter&) = delete;
  CsvWriter& operator=(const CsvWriter&) = delete;

  void header(const std::vector<std::string>& names);
  // NULL stands without quotes as the format says; a text that would look like it gets quotes.
  void rows(const std::vector<Column>& columns);
  // Puts the file in its place, and its marker, with the number of records, after it.
  void publish();

 private:
  void field(std::string_view text, bool first);
  void end_record();
  void flush();
  std::filesystem::path marker() const;

  const TargetSettings& settings_;
  std::filesystem::path file_;
  std::filesystem::path hidden_;
  Converter from_utf8_;
  int descriptor_ = -1;
  std::string buffer_;
  std::uint64_t records_ = 0;
};

}  // namespace qianzhi::adapter::files
