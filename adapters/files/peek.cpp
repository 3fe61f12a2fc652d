#include "adapters/files/peek.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include "adapters/files/csv_reader.h"
#include "adapters/files/encoding.h"

namespace qianzhi::adapter::files {

namespace {

// A file that is open at its first record, behind the header.
class OpenFile {
 public:
  OpenFile(const SourceSettings& settings, const TableFiles& files, const std::filesystem::path& path)
      : format_(settings.format),
        input_(path),
        to_utf8_(Converter::to_utf8(format_.encoding)),
        reader_(format_, [this](char* to, std::size_t size) { return input_.read(to, size); }) {
    if (!reader_.next()) return;
    for (std::size_t i = 0; i < reader_.fields(); ++i) {
      std::string_view raw = reader_.field(i);
      if (i == 0 && raw.substr(0, 3) == "\xEF\xBB\xBF") raw.remove_prefix(3);
      const std::string name(to_utf8_.convert(raw).value_or("?"));
      const auto renamed = files.columns.find(name);
      names_.push_back(renamed == files.columns.end() ? name : renamed->second);
      if (name == files.operation) names_.back().clear();
    }
  }

  const std::vector<std::string>& names() const { return names_; }
  bool next() { return reader_.next(); }

  void append(const std::string& column, Column& values) {
    const auto place = static_cast<std::size_t>(std::find(names_.begin(), names_.end(), column) - names_.begin());
    if (place >= reader_.fields()) return values.append_null();
    const std::string_view raw = reader_.field(place);
    if (!reader_.is_quoted(place) && raw == format_.null) return values.append_null();
    if (const auto text = to_utf8_.convert(raw))
      values.append(*text);
    else
      values.append_invalid(to_hex(raw));
  }

 private:
  const Format& format_;
  InputFile input_;
  Converter to_utf8_;
  CsvReader reader_;
  std::vector<std::string> names_;  // of columns; empty: the operation
};

const Waiting* newest_of(const std::vector<Waiting>& files, std::size_t table) {
  const Waiting* newest = nullptr;
  for (const Waiting& file : files)
    if (file.table == table && (newest == nullptr || !file.changes || newest->changes)) newest = &file;
  return newest;
}

}  // namespace

std::vector<Waiting> files_in(const SourceSettings& settings, const Clock& clock) {
  SourceSettings all = settings;
  all.marker.clear();
  all.quiet = 0;
  std::vector<Waiting> found = Folder(all, clock).look().complete;
  const auto is_marker = [&](const Waiting& file) {
    return !settings.marker.empty() && file.name.ends_with(settings.marker);
  };
  found.erase(std::remove_if(found.begin(), found.end(), is_marker), found.end());
  return found;
}

std::vector<std::string> header_of(const SourceSettings& settings, const TableFiles& files,
                                   const std::filesystem::path& path) {
  std::vector<std::string> names = OpenFile(settings, files, path).names();
  names.erase(std::remove(names.begin(), names.end(), ""), names.end());
  return names;
}

std::optional<SnapshotChunk> peek(const SourceSettings& settings, const SourceTable& table, const Clock& clock,
                                  const Bytes& cursor, const ReadLimits& limits) {
  const auto files = std::find_if(settings.tables.begin(), settings.tables.end(),
                                  [&](const TableFiles& one) { return one.name == table.table; });
  if (files == settings.tables.end()) return std::nullopt;
  const std::vector<Waiting> all = files_in(settings, clock);
  const Waiting* const newest = newest_of(all, static_cast<std::size_t>(files - settings.tables.begin()));
  if (newest == nullptr) return std::nullopt;
  OpenFile file(settings, *files, settings.folder / newest->name);
  std::size_t seen = 0;
  std::from_chars(cursor.data(), cursor.data() + cursor.size(), seen);
  SnapshotChunk chunk;
  chunk.columns.resize(table.columns.size());
  std::size_t skipped = 0;
  while (skipped < seen && file.next()) ++skipped;
  for (std::size_t rows = 0, octets = 0; rows < limits.rows && octets < limits.octets && !chunk.done; ++rows) {
    chunk.done = !file.next();
    if (chunk.done) break;
    ++seen;
    octets = 0;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      file.append(table.columns[i], chunk.columns[i]);
      octets += chunk.columns[i].octets();
    }
  }
  chunk.cursor = std::to_string(seen);
  return chunk;
}

}  // namespace qianzhi::adapter::files
