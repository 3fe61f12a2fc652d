// One file on its way into the spool: its rows lie in a table beside it until all of them were seen and found good.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/files/csv_reader.h"
#include "adapters/files/encoding.h"
#include "adapters/files/folder.h"
#include "adapters/files/settings.h"
#include "adapters/sql/fingerprint.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::adapter::files {

// What a merge did to its table.
struct Merged {
  std::uint64_t removed = 0;
  std::uint64_t changed = 0;
  std::uint64_t added = 0;
};

class Staging {
 public:
  // Reads the header. Throws Error(rejected, QZ-FIL-...) if the file cannot be used. spool: the database with the
  // table; nothing of it is touched before merge(). table, files and settings must outlive the object.
  Staging(sqlite::Database& spool, const SourceSettings& settings, const TableFiles& files, const SourceTable& table,
          const std::filesystem::path& path, bool changes);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  // At most `records` more. False: the file is read to its end. Throws Error(rejected) with all faults of the file, or
  // the first twenty.
  bool read(std::size_t records);

  // After the end:
  std::uint64_t records() const { return records_; }
  std::string fingerprint() const { return fingerprint_.hex(); }
  bool ends_with_line_end() const { return reader_->ends_with_line_end(); }
  FileState state() const { return input_.state(); }

  // Rows of the table that the merge of a full file would remove.
  std::uint64_t would_remove();
  // In the caller's transaction on the spool.
  Merged merge();

 private:
  std::size_t read_octets(char* to, std::size_t size);
  std::size_t without_mark(char* to, std::size_t size);
  void read_header();
  void create_table();
  void take_record();
  bool bind_value(sqlite::Statement& row, int parameter, std::size_t field, bool key);
  void fault(const std::string& what);
  void check_encoding() const;
  Merged merge_full();
  Merged merge_changes();

  sqlite::Database& spool_;
  const SourceSettings& settings_;
  const TableFiles& files_;
  const SourceTable& table_;
  bool changes_;
  InputFile input_;
  bool begun_ = false;
  sql::Fingerprint fingerprint_;
  Converter to_utf8_;
  std::unique_ptr<CsvReader> reader_;
  std::vector<std::size_t> fields_;       // of each of SourceTable::columns, in the record
  std::vector<bool> is_key_;              // likewise
  std::optional<std::size_t> operation_;  // in the record
  std::size_t header_fields_ = 0;
  std::string insert_;  // SQL
  std::uint64_t records_ = 0;
  std::uint64_t foreign_ = 0;       // values with more than ASCII
  std::uint64_t foreign_good_ = 0;  // of them, those that are of the encoding
  std::uint64_t foreign_utf8_ = 0;  // and those that are UTF-8
  std::vector<std::string> faults_;
};

}  // namespace qianzhi::adapter::files
