// Everything that is wrong with configuration files, collected in one run and shown with file:line:column, excerpt,
// caret, suggestion, in Chinese and English. Plain secrets never appear: excerpts are masked when a text is taken in.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::yaml {

// The lines of one file as they may be shown to people.
class SourceText {
 public:
  // text: UTF-8 or not; values of keys that name secrets are replaced by stars.
  SourceText(std::filesystem::path file, std::string_view text);

  const std::filesystem::path& file() const { return file_; }
  std::size_t size() const { return lines_.size(); }
  // number from 1; empty beyond the end.
  std::string_view line(std::size_t number) const;
  // From its line on this file could only be read in part, so a key that is not found may still be written there.
  bool is_damaged() const { return damaged_; }
  void mark_damaged() { damaged_ = true; }

 private:
  std::filesystem::path file_;
  std::vector<std::string> lines_;
  bool damaged_ = false;
};

// Where something stands. line and column count from 1, columns in characters; 0: the file as a whole.
struct Place {
  std::shared_ptr<const SourceText> source;  // null: no file
  std::size_t line = 0;
  std::size_t column = 0;
  std::size_t length = 0;  // characters to underline
};

// "file:line:column" as far as known.
std::string to_text(const Place& place);

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;  // QZ-CFG-NNN
  Place place;
  std::string zh;
  std::string en;
  std::string cure;  // what to write or run; empty: the code's explanation says it
};

class Record;

// Not thread-safe.
class Diagnostics {
 public:
  void error(std::string_view code, const Place& place, std::string_view zh, std::string_view en,
             std::string_view cure = {});
  void warning(std::string_view code, const Place& place, std::string_view zh, std::string_view en,
               std::string_view cure = {});

  // In the order of files as first seen, then of lines and columns.
  std::vector<Diagnostic> all() const;
  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return warnings_; }
  bool has_errors() const { return errors_ != 0; }
  // Every finding and one closing line with the counts; empty if there is none.
  // Colours are terminal sequences; is_terminal() says whether there is anybody who sees them.
  std::string render(bool coloured = false) const;
  // {"errors": 1, "warnings": 0, "findings": [{"severity", "code", "file", "line", "column", "length", "zh", "en",
  // "cure"}]}
  std::string json() const;
  // Throws Error(misuse, code of the first error) whose detail is render(). Does nothing without errors.
  void throw_if_errors() const;

  // Readers that find faults here write down there what they ask for, too. Null: nowhere. It must outlive them.
  void record_in(Record* record) { record_ = record; }
  Record* record() const { return record_; }

 private:
  void add(Severity severity, std::string_view code, const Place& place, std::string_view zh, std::string_view en,
           std::string_view cure);

  std::vector<Diagnostic> found_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
  Record* record_ = nullptr;
};

// Whether colours mean anything on this descriptor, and the user has not forbidden them (NO_COLOR).
bool is_terminal(int descriptor);

// The text as it may be shown: values of secret keys and passwords inside connection strings become stars. Both
// `password: x` and its misspelt forms (full-width colon, `=`) are covered; references ({file: ...}) stay readable.
std::string mask_secrets(std::string_view line);

// Whether a key of this name holds a secret.
bool names_secret(std::string_view key);

}  // namespace qianzhi::yaml
