#include <algorithm>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

using yaml::Entry;
using yaml::MapReader;
using yaml::Node;

constexpr Micros usual_quiet = 60'000'000;
constexpr Micros usual_interval = 10'000'000;

void read_format(MapReader& reader, std::map<std::string, std::string>& options) {
  options["encoding"] = reader.choice<std::string>(
      "encoding", {{"utf-8", "utf-8"}, {"gb18030", "gb18030"}, {"gbk", "gb18030"}, {"gb2312", "gb18030"}}, "utf-8");
  options["delimiter"] =
      reader.choice<std::string>("delimiter", {{",", ","}, {";", ";"}, {"|", "|"}, {"tab", "tab"}}, ",");
  if (reader.find("null") != nullptr) options["null"] = reader.text("null");
}

// A path that is given as text in a map of options.
std::string path_text(const std::filesystem::path& path) {
  return path.empty() ? std::string() : std::filesystem::absolute(path).lexically_normal().string();
}

void read_folder(MapReader& reader, const Config& config, const std::string& state,
                 std::map<std::string, std::string>& options) {
  options["folder"] = path_text(reader.file("folder"));
  options["state"] = path_text(reader.file("state", config.queue.path.parent_path() / state));
}

// Glob patterns and words of an operation, one a line.
std::string words_of(MapReader& reader, std::string_view key) {
  std::string words;
  for (const Node* word : reader.list(key, true)) words += (words.empty() ? "" : "\n") + word->text;
  return words;
}

void read_table(const Entry& entry, const std::string& path, yaml::Diagnostics& diagnostics,
                std::map<std::string, std::string>& options) {
  MapReader reader(&entry.value, path + "." + entry.key, diagnostics);
  const std::string prefix = "table." + entry.key + ".";
  const bool good = std::all_of(entry.key.begin(), entry.key.end(),
                                [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  if (!good || entry.key.rfind("qz_", 0) == 0 || entry.key.rfind("qianzhi_", 0) == 0)
    diagnostics.error(
        "QZ-CFG-019", entry.key_place,
        "表名 \"" + entry.key + "\" 只能用小写字母、数字和 _，且不以 qz_ 或 qianzhi_ 开头",
        "table name \"" + entry.key + "\": lower-case letters, digits and _ only, not beginning with qz_ or qianzhi_");
  for (const char* kind : {"full", "changes"})
    if (reader.find(kind) != nullptr) options[prefix + kind] = reader.text(kind);
  if (reader.is_map() && reader.find("full") == nullptr && reader.find("changes") == nullptr)
    diagnostics.error("QZ-CFG-037", reader.place(), reader.path() + " 要写 full 或 changes",
                      reader.path() + " needs full or changes", "例如 (for example): full: \"enterprise_*.csv\"");
  MapReader columns = reader.map("columns", false);
  columns.any_key();
  if (const Node* node = reader.find("columns"); node != nullptr && node->is_map())
    for (const Entry& column : node->entries) options[prefix + "column." + column.key] = columns.text(column.key);
  columns.finish();
  if (reader.find("changes") != nullptr) {
    MapReader operation = reader.map("operation", true);
    options[prefix + "operation"] = operation.text("column");
    options[prefix + "upsert"] = words_of(operation, "upsert");
    options[prefix + "remove"] = words_of(operation, "remove");
    if (operation.is_map() && (operation.find("upsert") == nullptr || operation.find("remove") == nullptr))
      diagnostics.error("QZ-CFG-037", operation.place(), operation.path() + " 要写 upsert 和 remove",
                        operation.path() + " needs upsert and remove",
                        "例如 (for example): {column: 操作, upsert: [新增, 修改], remove: [注销]}");
    operation.finish();
  }
  reader.finish();
}

}  // namespace

void read_files_source(MapReader& reader, const Config& config, DatabaseConfig& database) {
  std::map<std::string, std::string>& options = database.options;
  read_folder(reader, config, "files-source-" + database.id, options);
  read_format(reader, options);
  options["quote"] = reader.choice<std::string>("quote", {{"\"", "\""}, {"'", "'"}, {"none", "none"}}, "\"");
  options["backslash"] = reader.boolean("backslash", false) ? "true" : "false";
  for (const char* folder : {"archive", "rejected"})
    if (reader.find(folder) != nullptr) options[folder] = path_text(reader.file(folder));
  options["most_removed"] = std::to_string(reader.integer("most_removed", 0, 100, 50));
  MapReader complete = reader.map("complete", false);
  if (complete.find("marker") != nullptr) options["marker"] = complete.text("marker");
  options["quiet"] = std::to_string(complete.duration("quiet", usual_quiet));
  complete.finish();
  const Node* tables = reader.require("tables");
  if (tables == nullptr) return;
  if (!tables->is_map()) return complain_kind(*tables, reader.path_of("tables"), "map", reader.diagnostics());
  for (const Entry& entry : tables->entries) read_table(entry, reader.path_of("tables"), reader.diagnostics(), options);
}

void read_files_target(MapReader& reader, const Config& config, DatabaseConfig& database) {
  std::map<std::string, std::string>& options = database.options;
  read_folder(reader, config, "files-target-" + database.id, options);
  read_format(reader, options);
  options["byte_order_mark"] = reader.boolean("byte_order_mark", false) ? "true" : "false";
  options["titles"] = reader.boolean("titles", false) ? "true" : "false";
  options["crlf"] = reader.choice<std::string>("line_end", {{"crlf", "true"}, {"lf", "false"}}, "true");
  if (reader.find("marker") != nullptr) options["marker"] = reader.text("marker");
  options["interval"] = std::to_string(reader.duration("interval", usual_interval));
}

}  // namespace qianzhi::config
