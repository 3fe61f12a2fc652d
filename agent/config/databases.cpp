#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

using yaml::Entry;
using yaml::MapReader;
using yaml::Node;

constexpr Micros default_poll = 200'000;
constexpr Micros default_look = 5'000'000;    // watermark asks for rows, with and without news
constexpr Micros default_walk = 300'000'000;  // diff reads whole tables
constexpr Micros least_poll = 10'000;
constexpr std::uint64_t default_log_ceiling = 10ULL << 30U;

// Adapters that come with this program; their settings are known. Others take any setting.
const std::vector<std::string>& own_types() {
  static const std::vector<std::string> types = {"sqlite", "postgresql", "mysql", "odbc", "files"};
  return types;
}

std::string read_type(MapReader& reader) {
  std::string type = reader.text("type");
  reader.pin("type");
  if (type.empty() || std::find(own_types().begin(), own_types().end(), type) != own_types().end()) return type;
  const std::string guess = yaml::nearest(type, own_types());
  const bool is_postgres = type == "postgres" || type == "pgsql";
  if (guess.empty() && !is_postgres && yaml::is_id(type)) return type;
  const std::string better = is_postgres ? "postgresql" : guess;
  reader.diagnostics().error(
      "QZ-CFG-017", reader.find("type")->place,
      reader.path_of("type") + " 不能是 \"" + type + "\"" + (better.empty() ? "" : "，是否想写 \"" + better + "\"？"),
      reader.path_of("type") + " cannot be \"" + type + "\"" +
          (better.empty() ? "" : "; did you mean \"" + better + "\"?"),
      "可用 (allowed): sqlite postgresql mysql odbc files, 或另行安装的适配器 (or an adapter installed separately)");
  return {};
}

// libpq takes passwords inside connection strings; a configuration file does not.
bool holds_password(std::string_view text) { return yaml::mask_secrets(text) != text; }

void read_text_option(MapReader& reader, std::string_view key, DatabaseConfig& database) {
  const std::string text = reader.text(key, {});
  if (text.empty()) return;
  if (holds_password(text)) {
    const yaml::Place& place = reader.find(key)->place;
    reader.diagnostics().error("QZ-CFG-021", {place.source, place.line, place.column, 8},
                               reader.path_of(key) + " 中不能直接写密码（值已隐藏）",
                               reader.path_of(key) + " must not hold a password (value hidden)",
                               "删去密码，另写 (remove it and add): password: {file: PATH}");
    return;
  }
  database.options[std::string(key)] = text;
}

void read_sqlite(MapReader& reader, DatabaseConfig& database) {
  database.options["file"] = reader.file("file").string();
}

void read_postgresql(MapReader& reader, DatabaseConfig& database) {
  read_text_option(reader, "dsn", database);
  read_text_option(reader, "service", database);
  if (reader.find("dsn") == nullptr && reader.find("service") == nullptr) {
    reader.diagnostics().error("QZ-CFG-037", reader.place(), reader.path() + " 要写 dsn 或 service",
                               reader.path() + " needs dsn or service",
                               "例如 (for example): dsn: host=10.0.0.5 dbname=tax user=qianzhi");
  }
  if (const auto password = reader.secret("password", false)) database.secrets["password"] = reference_of(*password);
}

// Settings of an adapter we know nothing about: texts are options, references are secrets.
void read_other(MapReader& reader, const Node& node, DatabaseConfig& database) {
  reader.any_key();
  for (const Entry& entry : node.entries) {
    if (entry.key == "type" || entry.key == "capture" || entry.key == "poll_interval" ||
        entry.key == "retained_log_ceiling" || entry.key == "throttle" || entry.key == "limits" ||
        entry.key == "canary") {
      continue;
    }
    if (entry.value.is_map() || yaml::names_secret(entry.key)) {
      if (const auto secret = reader.secret(entry.key, true)) database.secrets[entry.key] = reference_of(*secret);
    } else {
      read_text_option(reader, entry.key, database);
    }
  }
}

// Without a type nobody can say which settings are wrong, but for one that is meant to be the type.
void pass_untyped(MapReader& reader, const Node& node) {
  for (const Entry& entry : node.entries)
    if (yaml::nearest(entry.key, {"type"}).empty()) reader.find(entry.key);
}

enum class Role { source, target };

void read_connection(MapReader& reader, const Node& node, const Config& config, Role role, DatabaseConfig& database) {
  database.type = read_type(reader);
  if (reader.find("type") == nullptr) return pass_untyped(reader, node);
  if (database.type == "sqlite") return read_sqlite(reader, database);
  if (database.type == "postgresql") return read_postgresql(reader, database);
  if (database.type == "mysql") return read_mysql(reader, database);
  if (database.type == "odbc") return read_odbc(reader, database);
  if (database.type == "files")
    return role == Role::source ? read_files_source(reader, config, database)
                                : read_files_target(reader, config, database);
  read_other(reader, node, database);
}

// A way of capture that is accepted here and then brings nothing would be a loss that nobody sees.
void refuse_capture(const SourceConfig& source, MapReader& reader, yaml::Diagnostics& diagnostics) {
  struct Ways {
    std::string_view type;
    std::set<Capture> can;
    std::string_view words;
  };
  static const std::vector<Ways> known = {
      {"sqlite", {Capture::journal, Capture::diff}, "journal diff"},
      {"mysql", {Capture::log, Capture::journal, Capture::watermark, Capture::diff}, "log journal watermark diff"},
      {"odbc", {Capture::journal, Capture::watermark, Capture::diff}, "journal watermark diff"},
  };
  const std::string& type = source.database.type;
  const yaml::Place& place = reader.find("capture")->place;
  if (type == "files")
    return diagnostics.error("QZ-CFG-037", place, "files 不需要 capture：文件本身就是变更",
                             "files take no capture: the files themselves say what changed",
                             "删去这一行 (remove this line)");
  for (const Ways& ways : known)
    if (ways.type == type && ways.can.count(source.capture) == 0) {
      const std::string& word = reader.find("capture")->text;
      diagnostics.error("QZ-CFG-037", place, type + " 不支持 capture: " + word, type + " cannot capture by " + word,
                        "可用 (allowed): " + std::string(ways.words));
    }
}

void read_source(const Entry& entry, Config& config, yaml::Diagnostics& diagnostics) {
  MapReader reader(&entry.value, "sources." + entry.key, diagnostics);
  SourceConfig source;
  source.database.id = entry.key;
  if (reader.is_map()) read_connection(reader, entry.value, config, Role::source, source.database);
  source.database.limits = read_limits(reader);
  const bool has_log = source.database.type == "postgresql" || source.database.type == "mysql";
  const Capture usual = has_log ? Capture::log : source.database.type == "odbc" ? Capture::diff : Capture::journal;
  source.capture = reader.choice<Capture>("capture",
                                          {{"log", Capture::log},
                                           {"journal", Capture::journal},
                                           {"watermark", Capture::watermark},
                                           {"diff", Capture::diff}},
                                          usual);
  if (reader.find("capture") != nullptr) refuse_capture(source, reader, diagnostics);
  source.poll_interval = reader.duration("poll_interval", source.capture == Capture::diff        ? default_walk
                                                          : source.capture == Capture::watermark ? default_look
                                                                                                 : default_poll);
  if (source.poll_interval < least_poll && reader.find("poll_interval") != nullptr) {
    complain_form(*reader.find("poll_interval"), reader.path_of("poll_interval"), "至少 10ms", "at least 10ms",
                  diagnostics);
  }
  source.retained_log_ceiling =
      reader.size("retained_log_ceiling", source.capture == Capture::log ? default_log_ceiling : 0);
  source.throttle = read_throttle(reader);
  source.canary = read_canary(reader, config, source);
  reader.finish();
  config.sources.emplace(entry.key, source);
}

void read_target(const Entry& entry, Config& config, yaml::Diagnostics& diagnostics) {
  MapReader reader(&entry.value, "targets." + entry.key, diagnostics);
  DatabaseConfig database;
  database.id = entry.key;
  if (reader.is_map()) read_connection(reader, entry.value, config, Role::target, database);
  database.limits = read_limits(reader);
  reader.finish();
  config.targets.emplace(entry.key, database);
}

// Calls read for each entry of a map of databases.
template <typename Read>
void each(MapReader& root, std::string_view key, const Read& read) {
  const Node* node = root.find(key);
  if (node == nullptr) return;
  if (!node->is_map()) return complain_kind(*node, key, "map", root.diagnostics());
  for (const Entry& entry : node->entries) {
    if (!yaml::is_id(entry.key)) {
      root.diagnostics().error("QZ-CFG-019", entry.key_place, "名字 \"" + entry.key + "\" 只能用小写字母、数字和 . _ -",
                               "name \"" + entry.key + "\": lower-case letters, digits and . _ - only");
    }
    read(entry);
  }
}

}  // namespace

void read_databases(MapReader& root, Config& config) {
  each(root, "sources", [&](const Entry& entry) { read_source(entry, config, root.diagnostics()); });
  each(root, "targets", [&](const Entry& entry) { read_target(entry, config, root.diagnostics()); });
}

}  // namespace qianzhi::config
