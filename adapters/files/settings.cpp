#include "adapters/files/settings.h"

#include <algorithm>
#include <charconv>

#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::files {

namespace {

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::misuse, "QZ-FIL-002", what); }

// Hands out options and remembers which were asked for.
class Options {
 public:
  explicit Options(const Connection& connection) : all_(connection.options) {}

  std::string text(const std::string& name, const std::string& usual = {}) {
    asked_.insert(name);
    const auto found = all_.find(name);
    return found == all_.end() ? usual : found->second;
  }

  std::filesystem::path folder(const std::string& name) {
    std::filesystem::path path = text(name);
    if (path.empty()) refuse("the option " + name + " is missing");
    if (!path.is_absolute()) refuse("the option " + name + " must be an absolute path");
    return path;
  }

  std::int64_t number(const std::string& name, std::int64_t usual, std::int64_t most) {
    const std::string value = text(name, std::to_string(usual));
    std::int64_t number = 0;
    const auto end = std::from_chars(value.data(), value.data() + value.size(), number);
    if (end.ec != std::errc() || end.ptr != value.data() + value.size() || number < 0 || number > most)
      refuse("the option " + name + " must be a number from 0 to " + std::to_string(most));
    return number;
  }

  bool flag(const std::string& name, bool usual) {
    const std::string value = text(name, usual ? "true" : "false");
    if (value != "true" && value != "false") refuse("the option " + name + " must be true or false");
    return value == "true";
  }

  // Zero or one character of ASCII.
  char character(const std::string& name, const std::string& usual) {
    const std::string value = text(name, usual);
    if (value == "none" || value.empty()) return '\0';
    if (value == "tab") return '\t';
    const bool good = value.size() == 1 && (value[0] >= ' ' || value[0] == '\t') && value[0] != '\x7f';
    if (!good) refuse("the option " + name + " must be one character, tab or none");
    return value[0];
  }

  // Options below "table.": name of the table -> rest of the name -> value.
  std::map<std::string, std::map<std::string, std::string>> tables() {
    std::map<std::string, std::map<std::string, std::string>> tables;
    constexpr std::string_view prefix = "table.";
    for (const auto& [name, value] : all_) {
      if (name.rfind(prefix, 0) != 0) continue;
      asked_.insert(name);
      const std::size_t dot = name.find('.', prefix.size());
      if (dot == std::string::npos) refuse("the option " + name + " says nothing of its table");
      tables[name.substr(prefix.size(), dot - prefix.size())][name.substr(dot + 1)] = value;
    }
    return tables;
  }

  void finish() const {
    for (const auto& [name, value] : all_)
      if (asked_.count(name) == 0) refuse("the option " + name + " is not known");
  }

 private:
  const std::map<std::string, std::string>& all_;
  std::set<std::string> asked_;
};

Format read_format(Options& options) {
  Format format;
  const std::string encoding = options.text("encoding", "utf-8");
  if (encoding == "gb18030")
    format.encoding = Encoding::gb18030;
  else if (encoding != "utf-8")
    refuse("the option encoding must be utf-8 or gb18030");
  format.delimiter = options.character("delimiter", ",");
  format.quote = options.character("quote", "\"");
  format.backslash = options.flag("backslash", false);
  format.null = options.text("null");
  if (format.delimiter == '\0') refuse("the option delimiter must be one character or tab");
  if (format.delimiter == format.quote) refuse("delimiter and quote must differ");
  return format;
}

// One word a line.
std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    words.insert(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

TableFiles read_table(const std::string& name, const std::map<std::string, std::string>& options) {
  TableFiles table;
  table.name = name;
  const bool good = !name.empty() && name.rfind("qz_", 0) != 0 && name.rfind("qianzhi_", 0) != 0 &&
                    name.rfind("sqlite_", 0) != 0 && std::all_of(name.begin(), name.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                    });
  if (!good) refuse("a table of files must be named [a-z0-9_]+, and not begin with qz_, qianzhi_ or sqlite_: " + name);
  for (const auto& [key, value] : options) {
    constexpr std::string_view column = "column.";
    if (key == "full")
      table.full = value;
    else if (key == "changes")
      table.changes = value;
    else if (key == "operation")
      table.operation = value;
    else if (key == "upsert")
      table.upserts = words_of(value);
    else if (key == "remove")
      table.removes = words_of(value);
    else if (key.rfind(column, 0) == 0)
      table.columns[key.substr(column.size())] = value;
    else
      refuse("the option table." + name + "." + key + " is not known");
  }
  if (table.full.empty() && table.changes.empty()) refuse("table " + name + " needs full or changes");
  if (!table.changes.empty() && (table.operation.empty() || table.upserts.empty() || table.removes.empty()))
    refuse("table " + name + " has changes: operation, upsert and remove say what a row does");
  for (const std::string& word : table.upserts)
    if (table.removes.count(word) != 0) refuse("table " + name + ": \"" + word + "\" is upsert and remove");
  return table;
}

}  // namespace

SourceSettings source_settings(const Connection& connection) {
  Options options(connection);
  SourceSettings settings;
  settings.folder = options.folder("folder");
  settings.archive = options.text("archive", (settings.folder / "archive").string());
  settings.rejected = options.text("rejected", (settings.folder / "rejected").string());
  settings.state = options.folder("state");
  settings.format = read_format(options);
  settings.marker = options.text("marker");
  settings.quiet = options.number("quiet", settings.quiet, 86'400'000'000);
  settings.look = options.number("look", settings.look, 3'600'000'000);
  settings.most_removed = static_cast<int>(options.number("most_removed", settings.most_removed, 100));
  for (const auto& [name, of_table] : options.tables()) settings.tables.push_back(read_table(name, of_table));
  options.finish();
  if (settings.marker.find('/') != std::string::npos) refuse("the option marker must be the end of a file name");
  return settings;
}

TargetSettings target_settings(const Connection& connection) {
  Options options(connection);
  TargetSettings settings;
  settings.folder = options.folder("folder");
  settings.state = options.folder("state");
  settings.format = read_format(options);
  settings.byte_order_mark = options.flag("byte_order_mark", false);
  settings.crlf = options.flag("crlf", true);
  settings.titles = options.flag("titles", false);
  settings.marker = options.text("marker");
  settings.interval = options.number("interval", settings.interval, 86'400'000'000);
  options.finish();
  if (settings.marker.find('/') != std::string::npos) refuse("the option marker must be the end of a file name");
  if (settings.format.quote == '\0' || settings.format.backslash) refuse("files that are written need plain quotes");
  return settings;
}

}  // namespace qianzhi::adapter::files
