#include "adapters/files/staging.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>

#include "adapters/sql/sql_text.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::files {

namespace {

constexpr std::size_t most_faults = 20;
constexpr std::uint64_t encoding_samples = 1000;
constexpr std::uint64_t least_samples = 3;  // fewer may look like another encoding by chance
constexpr std::string_view mark_utf8 = "\xEF\xBB\xBF";
constexpr std::string_view mark_gb18030 = "\x84\x31\x95\x33";

std::filesystem::path stage_file(const SourceSettings& settings) { return settings.state / "stage.db"; }

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

[[noreturn]] void refuse(std::string_view code, const std::string& what) {
  throw Error(ErrorKind::rejected, code, what);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

bool starts_with(std::string_view text, std::string_view begin) { return text.substr(0, begin.size()) == begin; }

}  // namespace

Staging::Staging(sqlite::Database& spool, const SourceSettings& settings, const TableFiles& files,
                 const SourceTable& table, const std::filesystem::path& path, bool changes)
    : spool_(spool),
      settings_(settings),
      files_(files),
      table_(table),
      changes_(changes),
      input_(path),
      to_utf8_(Converter::to_utf8(settings.format.encoding)),
      reader_(std::make_unique<CsvReader>(settings.format,
                                          [this](char* to, std::size_t size) { return read_octets(to, size); })) {
  read_header();
  create_table();
}

Staging::~Staging() {
  try {
    spool_.execute("DETACH stage");
  } catch (const Error&) {
    // It is attached only if the constructor came so far, and the next one begins with a file of its own.
  }
  std::error_code ignored;
  std::filesystem::remove(stage_file(settings_), ignored);
}

std::size_t Staging::read_octets(char* to, std::size_t size) {
  std::size_t got = input_.read(to, size);
  fingerprint_.add_octets({to, got});
  if (!begun_ && got != 0) {
    begun_ = true;
    got = without_mark(to, got);
    if (got == 0) return read_octets(to, size);
  }
  return got;
}

// What an editor or exporter puts before the text to say how it is encoded.
std::size_t Staging::without_mark(char* to, std::size_t size) {
  const std::string_view text(to, size);
  const bool utf8 = settings_.format.encoding == Encoding::utf8;
  if (starts_with(text, "\xFF\xFE") || starts_with(text, "\xFE\xFF"))
    refuse("QZ-FIL-006", "the file is UTF-16; save it as UTF-8 or GB18030");
  if (!utf8 && starts_with(text, mark_utf8)) refuse("QZ-FIL-006", "the file begins with the mark of UTF-8");
  if (utf8 && starts_with(text, mark_gb18030)) refuse("QZ-FIL-006", "the file begins with the mark of GB18030");
  const std::string_view mark = utf8 ? mark_utf8 : mark_gb18030;
  if (!starts_with(text, mark)) return size;
  std::memmove(to, to + mark.size(), size - mark.size());
  return size - mark.size();
}

void Staging::read_header() {
  if (!reader_->next()) refuse("QZ-FIL-004", "the file is empty, not even a header is there");
  header_fields_ = reader_->fields();
  std::map<std::string, std::size_t> place;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < header_fields_; ++i) {
    const auto text = to_utf8_.convert(reader_->field(i));
    if (!text) refuse("QZ-FIL-006", "field " + std::to_string(i + 1) + " of the header is not of the encoding");
    const std::string name = trimmed(*text);
    names.push_back(name);
    if (changes_ && name == files_.operation) {
      operation_ = i;
      continue;
    }
    const auto renamed = files_.columns.find(name);
    if (!place.emplace(renamed == files_.columns.end() ? name : renamed->second, i).second)
      refuse("QZ-FIL-004", "the header names " + name + " twice");
  }
  std::vector<std::string> missing;
  if (changes_ && !operation_) missing.push_back(files_.operation);
  for (const std::string& column : table_.columns) {
    const auto found = place.find(column);
    if (found == place.end()) missing.push_back(column);
    fields_.push_back(found == place.end() ? 0 : found->second);
    is_key_.push_back(std::find(table_.key.begin(), table_.key.end(), column) != table_.key.end());
  }
  if (!missing.empty()) refuse("QZ-FIL-004", "the header lacks: " + listed(missing) + "; it has: " + listed(names));
}

// Without a journal and unsynced: after a crash the file is read again anyway.
void Staging::create_table() {
  std::filesystem::remove(stage_file(settings_));
  spool_.prepare("ATTACH ?1 AS stage").bind(1, stage_file(settings_).string()).run();
  spool_.execute("PRAGMA stage.journal_mode=OFF; PRAGMA stage.synchronous=OFF; PRAGMA stage.cache_size=-16384");
  std::string columns = changes_ ? "qz_line INTEGER PRIMARY KEY, qz_remove INTEGER" : "";
  for (const std::string& name : table_.columns)
    columns.append(columns.empty() ? "" : ", ").append(sql::identifier(sql::sqlite, name)).append(" TEXT");
  if (!changes_) columns += ", PRIMARY KEY (" + sql::identifiers(sql::sqlite, table_.key) + ")) WITHOUT ROWID";
  spool_.execute("CREATE TABLE stage.row(" + columns + (changes_ ? ")" : ""));
  insert_ = "INSERT INTO stage.row VALUES (" +
            sql::parameters(sql::sqlite, 1, table_.columns.size() + (changes_ ? 2 : 0)) +
            (changes_ ? ")" : ") ON CONFLICT DO NOTHING");
}

void Staging::fault(const std::string& what) {
  faults_.push_back("line " + std::to_string(reader_->line()) + ": " + what);
  if (faults_.size() < most_faults) return;
  faults_.emplace_back("and perhaps more");
  refuse("QZ-FIL-005", listed(faults_));
}

// A value that is not of the encoding is kept as octets: its row is set aside later, with what the file holds. A key
// must be whole, else nobody knows which row it is.
bool Staging::bind_value(sqlite::Statement& row, int parameter, std::size_t field, bool key) {
  const std::string_view raw = reader_->field(field);
  if (!reader_->is_quoted(field) && raw == settings_.format.null) {
    if (key) fault("the key is empty");
    row.bind_null(parameter);
    return !key;
  }
  const auto text = to_utf8_.convert(raw);
  const bool foreign = std::any_of(raw.begin(), raw.end(), [](char c) { return c < 0; });
  if (foreign && foreign_ < encoding_samples) {
    Converter utf8 = Converter::to_utf8(Encoding::utf8);
    ++foreign_;
    if (text) ++foreign_good_;
    const bool is_utf8 = settings_.format.encoding == Encoding::utf8 ? text.has_value() : utf8.convert(raw).has_value();
    if (is_utf8) ++foreign_utf8_;
  }
  if (!text && key) fault("the key is not of the encoding");
  if (text)
    row.bind(parameter, *text);
  else
    row.bind_blob(parameter, raw);
  return text || !key;
}

void Staging::take_record() {
  ++records_;
  if (reader_->fields() != header_fields_)
    return fault("the record has " + std::to_string(reader_->fields()) + " fields, the header " +
                 std::to_string(header_fields_));
  const std::size_t first = changes_ ? 2 : 0;
  sqlite::Statement row = spool_.prepare(insert_);
  if (changes_) {
    const auto word = to_utf8_.convert(reader_->field(*operation_));
    const std::string operation = word ? trimmed(*word) : std::string();
    const bool removes = files_.removes.count(operation) != 0;
    if (!removes && files_.upserts.count(operation) == 0) return fault("the operation is none of those configured");
    row.bind(1, records_).bind(2, removes ? 1 : 0);
  }
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (!bind_value(row, static_cast<int>(first + i + 1), fields_[i], is_key_[i])) return;
  row.step();
  if (!changes_ && spool_.changes() == 0) fault("the key stands in an earlier line, too");
}

bool Staging::read(std::size_t records) {
  sqlite::Transaction batch(spool_, false);
  bool more = true;
  for (std::size_t i = 0; i < records && more; ++i) {
    more = reader_->next();
    if (more) take_record();
  }
  if (!more && !faults_.empty()) refuse("QZ-FIL-005", listed(faults_));
  if (!more) check_encoding();
  batch.commit();
  return more;
}

void Staging::check_encoding() const {
  if (foreign_ < least_samples) return;
  if (settings_.format.encoding == Encoding::gb18030 && foreign_utf8_ == foreign_)
    refuse("QZ-FIL-006", "the text is UTF-8");
  if (foreign_good_ == 0) refuse("QZ-FIL-006", "none of the values with Chinese text is of the encoding");
}

}  // namespace qianzhi::adapter::files
