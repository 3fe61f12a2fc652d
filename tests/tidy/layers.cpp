#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "tests/tidy/code.h"
#include "tests/tidy/rules.h"

namespace qianzhi::tidy {

namespace {

using Folders = std::vector<std::string_view>;

// Folder -> folders whose headers it may include beside its own. A folder that is not here must be added first.
const std::map<std::string_view, Folders> layers = {
    {"hub-protocol/base", {}},
    {"hub-protocol/model", {"hub-protocol/base"}},
    {"hub-protocol/sqlite", {"hub-protocol/base"}},
    {"hub-protocol/service", {"hub-protocol/base"}},
    {"hub-protocol/command", {"hub-protocol/base", "hub-protocol/service", "hub-protocol/yaml"}},
    {"hub-protocol/yaml", {"hub-protocol/base", "hub-protocol/model"}},
    {"hub-protocol/catalogue", {"hub-protocol/base", "hub-protocol/model", "hub-protocol/yaml"}},
    {"hub-protocol/wire", {"hub-protocol/base", "hub-protocol/model"}},
    {"hub-protocol/seal", {"hub-protocol/base", "hub-protocol/model", "hub-protocol/wire"}},
    {"hub-protocol/envelope", {"hub-protocol/base", "hub-protocol/wire"}},
    {"hub-protocol/audit",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/sqlite", "hub-protocol/wire", "hub-protocol/seal"}},
    {"hub-protocol/registry",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/sqlite", "hub-protocol/wire", "hub-protocol/seal",
      "hub-protocol/audit"}},
    {"hub-protocol/ca", {"hub-protocol/base", "hub-protocol/model", "hub-protocol/seal"}},
    {"hub-protocol/enrol",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/wire", "hub-protocol/seal", "hub-protocol/audit",
      "hub-protocol/registry", "hub-protocol/ca"}},
    {"hub-protocol/accounts",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/seal", "hub-protocol/audit", "hub-protocol/registry"}},
    {"hub-protocol/html", {"hub-protocol/base", "hub-protocol/yaml"}},
    {"hub-protocol/web", {"hub-protocol/base", "hub-protocol/client"}},
    {"hub-protocol/admin",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/audit", "hub-protocol/registry", "hub-protocol/accounts",
      "hub-protocol/html", "hub-protocol/web"}},
    {"hub-protocol/client",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/wire", "hub-protocol/seal", "hub-protocol/envelope"}},
    {"hub-protocol/hub",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/sqlite", "hub-protocol/service", "hub-protocol/yaml",
      "hub-protocol/wire", "hub-protocol/seal", "hub-protocol/client", "hub-protocol/envelope", "hub-protocol/audit",
      "hub-protocol/registry", "hub-protocol/ca", "hub-protocol/enrol", "hub-protocol/catalogue",
      "hub-protocol/accounts", "hub-protocol/web", "hub-protocol/admin", "hub-protocol/command"}},
    {"adapters/api", {"hub-protocol/base", "hub-protocol/model"}},
    {"adapters/sql", {"hub-protocol/base", "hub-protocol/model", "adapters/api"}},
    {"adapters/sqlite",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/sqlite", "adapters/api", "adapters/sql"}},
    {"adapters/postgresql", {"hub-protocol/base", "hub-protocol/model", "adapters/api", "adapters/sql"}},
    {"adapters/mysql", {"hub-protocol/base", "hub-protocol/model", "adapters/api", "adapters/sql"}},
    {"adapters/odbc", {"hub-protocol/base", "hub-protocol/model", "adapters/api", "adapters/sql"}},
    {"adapters/files",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/sqlite", "adapters/api", "adapters/sql",
      "adapters/sqlite"}},
    {"agent/config", {"hub-protocol/base", "hub-protocol/model", "hub-protocol/yaml"}},
    {"agent/mapping", {"hub-protocol/base", "hub-protocol/model", "agent/config"}},
    {"agent/store",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/sqlite", "hub-protocol/wire", "hub-protocol/seal"}},
    {"agent/flow",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/wire", "hub-protocol/seal", "hub-protocol/client",
      "adapters/api", "agent/config", "agent/mapping", "agent/store"}},
    {"agent/identity",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/service", "hub-protocol/wire", "hub-protocol/seal",
      "hub-protocol/ca", "hub-protocol/client", "agent/config", "agent/store", "agent/flow"}},
    {"agent/setup", {"hub-protocol/base", "hub-protocol/model", "adapters/api"}},
    {"agent/status",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/sqlite", "hub-protocol/yaml", "hub-protocol/seal",
      "hub-protocol/html", "hub-protocol/web", "hub-protocol/accounts", "agent/config", "agent/mapping", "agent/store",
      "agent/flow"}},
    {"agent/app",
     {"hub-protocol/base",
      "hub-protocol/model",
      "hub-protocol/sqlite",
      "hub-protocol/service",
      "hub-protocol/yaml",
      "hub-protocol/wire",
      "hub-protocol/seal",
      "hub-protocol/audit",
      "hub-protocol/client",
      "hub-protocol/envelope",
      "hub-protocol/catalogue",
      "adapters/api",
      "agent/config",
      "agent/mapping",
      "agent/store",
      "agent/flow",
      "agent/identity",
      "agent/setup",
      "agent/status",
      "hub-protocol/ca",
      "hub-protocol/command",
      "hub-protocol/web"}},
    {"agent/desk/standard", {"hub-protocol/base", "hub-protocol/model", "agent/mapping"}},
    {"agent/desk/match", {"hub-protocol/base", "hub-protocol/sqlite", "agent/desk/standard"}},
    {"agent/desk/data", {"hub-protocol/base", "hub-protocol/model", "hub-protocol/sqlite", "hub-protocol/yaml"}},
    {"agent/desk/records",
     {"hub-protocol/base", "hub-protocol/sqlite", "hub-protocol/yaml", "agent/desk/data", "agent/desk/standard",
      "agent/desk/match"}},
    {"agent/desk/rules",
     {"hub-protocol/base", "hub-protocol/sqlite", "hub-protocol/yaml", "agent/desk/data", "agent/desk/standard"}},
    {"agent/desk/outlets",
     {"hub-protocol/base", "hub-protocol/sqlite", "hub-protocol/yaml", "agent/config", "agent/desk/data"}},
    {"agent/desk/feeds",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/sqlite", "hub-protocol/yaml", "agent/config",
      "agent/desk/data", "agent/desk/outlets"}},
    {"agent/desk/cases",
     {"hub-protocol/base", "hub-protocol/sqlite", "hub-protocol/yaml", "agent/desk/data", "agent/desk/outlets"}},
    {"agent/desk/work",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/sqlite", "hub-protocol/yaml", "agent/desk/data",
      "agent/desk/match", "agent/desk/outlets", "agent/desk/feeds", "agent/desk/cases"}},
    {"agent/desk/lookup",
     {"hub-protocol/base", "hub-protocol/sqlite", "hub-protocol/yaml", "hub-protocol/catalogue", "agent/desk/data",
      "agent/desk/standard"}},
    {"agent/desk/serve",
     {"hub-protocol/base", "hub-protocol/sqlite", "hub-protocol/yaml", "hub-protocol/html", "hub-protocol/web",
      "agent/config", "agent/desk/data", "agent/desk/match", "agent/desk/rules", "agent/desk/outlets",
      "agent/desk/feeds", "agent/desk/cases", "agent/desk/work", "agent/desk/lookup"}},
    {"agent/desk/app",
     {"hub-protocol/base", "hub-protocol/model", "hub-protocol/sqlite", "hub-protocol/service", "hub-protocol/yaml",
      "hub-protocol/html", "agent/config", "agent/desk/standard", "agent/desk/match", "agent/desk/data",
      "agent/desk/records", "agent/desk/rules", "agent/desk/outlets", "agent/desk/feeds", "agent/desk/cases",
      "agent/desk/work", "agent/desk/lookup", "agent/desk/serve", "hub-protocol/command"}},
};

// Header prefix -> folders whose .cpp files may include it.
const std::map<std::string_view, Folders> owners = {
    {"sqlite3.h", {"hub-protocol/sqlite", "adapters/sqlite"}},
    {"openssl/",
     {"hub-protocol/seal", "hub-protocol/ca", "hub-protocol/envelope", "hub-protocol/client", "hub-protocol/hub",
      "hub-protocol/accounts", "hub-protocol/web", "hub-protocol/admin", "agent/store"}},
    {"Poco/",
     {"hub-protocol/yaml", "hub-protocol/client", "hub-protocol/command", "hub-protocol/hub", "hub-protocol/web",
      "hub-protocol/admin", "agent/status", "agent/app", "agent/desk/outlets", "agent/desk/lookup",
      "agent/desk/serve"}},
    {"yaml-cpp/", {"hub-protocol/yaml"}},
    {"unicode/", {"hub-protocol/catalogue"}},
    {"libpq-fe.h", {"adapters/postgresql"}},
    {"postgresql/", {"adapters/postgresql"}},
    {"mysql.h", {"adapters/mysql"}},
    {"mysqld_error.h", {"adapters/mysql"}},
    {"errmsg.h", {"adapters/mysql"}},
    {"mariadb_rpl.h", {"adapters/mysql"}},
    {"zlib.h", {"adapters/mysql"}},
    {"sql.h", {"adapters/odbc"}},
    {"sqlext.h", {"adapters/odbc"}},
    {"zstd.h", {"hub-protocol/seal"}},
    {"google/protobuf/",
     {"hub-protocol/wire", "hub-protocol/seal", "hub-protocol/client", "hub-protocol/hub", "adapters/api",
      "agent/store"}},
    {"CLI/", {"hub-protocol/command", "agent/app", "agent/desk/app", "hub-protocol/hub"}},
    {"catch2/", {}},
};

const std::set<std::string_view> system_headers = {
    "dirent.h", "errno.h", "fcntl.h",   "fnmatch.h", "grp.h",     "iconv.h",  "malloc.h",
    "netdb.h",  "poll.h",  "pthread.h", "pwd.h",     "sched.h",   "signal.h", "spawn.h",
    "stdint.h", "stdio.h", "stdlib.h",  "string.h",  "termios.h", "time.h",   "unistd.h"};

struct Include {
  std::string header;
  bool angled = false;
};

std::optional<Include> include_of(std::string_view line) {
  const std::size_t start = line.find_first_not_of(' ');
  if (start == std::string_view::npos || line.substr(start, 8) != "#include") return std::nullopt;
  const std::size_t open = line.find_first_of("<\"", start + 8);
  if (open == std::string_view::npos) return std::nullopt;
  const bool angled = line[open] == '<';
  const std::size_t close = line.find(angled ? '>' : '"', open + 1);
  return Include{std::string(line.substr(open + 1, close - open - 1)), angled};
}

void each_include(const Tree& tree, const std::function<void(const SourceFile&, std::size_t, const Include&)>& visit) {
  for (const SourceFile& file : tree) {
    if (!is_cpp(file)) continue;
    std::size_t number = 0;
    for (const std::string& line : lines_of(file.text)) {
      ++number;
      if (const auto include = include_of(line)) visit(file, number, *include);
    }
  }
}

bool contains(const Folders& folders, std::string_view folder) {
  return std::find(folders.begin(), folders.end(), folder) != folders.end();
}

std::string visit_folder(std::string_view folder, std::set<std::string_view>& open, std::set<std::string_view>& done) {
  if (done.count(folder) != 0) return {};
  if (!open.insert(folder).second) return std::string(folder);
  const auto entry = layers.find(folder);
  if (entry != layers.end())
    for (const std::string_view below : entry->second)
      if (const std::string cycle = visit_folder(below, open, done); !cycle.empty())
        return std::string(folder) + " -> " + cycle;
  open.erase(folder);
  done.insert(folder);
  return {};
}

}  // namespace

Findings check_layers(const Tree& tree) {
  Findings findings;
  each_include(tree, [&](const SourceFile& file, std::size_t line, const Include& include) {
    if (include.angled || !is_product(file)) return;
    const std::string from = folder_of(file.path);
    const std::string to = folder_of(include.header);
    const auto allowed = layers.find(from);
    if (to.empty())
      findings.push_back({file.path, line, "write the path of " + include.header + " from the root"});
    else if (allowed == layers.end())
      findings.push_back({file.path, line, "folder " + from + " is not in the table of tests/tidy/layers.cpp"});
    else if (from != to && !contains(allowed->second, to))
      findings.push_back({file.path, line, from + " must not include " + to});
  });
  return findings;
}

Findings check_third_party(const Tree& tree) {
  Findings findings;
  each_include(tree, [&](const SourceFile& file, std::size_t line, const Include& include) {
    if (!include.angled || !is_product(file)) return;
    const std::string& header = include.header;
    if (header.find_first_of("/.") == std::string::npos || system_headers.count(header) != 0) return;
    if (starts_with_any(header, {"sys/", "netinet/", "arpa/"})) return;
    const auto owner = std::find_if(owners.begin(), owners.end(),
                                    [&](const auto& entry) { return starts_with_any(header, {entry.first}); });
    if (owner == owners.end())
      findings.push_back({file.path, line, "<" + header + "> has no owner in tests/tidy/layers.cpp"});
    else if (!contains(owner->second, folder_of(file.path)))
      findings.push_back({file.path, line, "<" + header + "> belongs to other folders; use what they offer"});
    else if (is_header(file))
      findings.push_back({file.path, line, "<" + header + "> belongs in a .cpp file: hide it behind the interface"});
  });
  return findings;
}

Findings check_flow_names_no_database(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file) || !starts_with_any(file.path, {"agent/flow/"})) continue;
    const Code code = take_apart(file.text);
    for (std::size_t i = 0; i < code.plain.size(); ++i) {
      std::string line = code.plain[i] + " " + code.literals[i];
      std::transform(line.begin(), line.end(), line.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
      for (const std::string_view name : {"sqlite", "postgres", "mysql", "mariadb", "oracle"})
        if (line.find(name) != std::string::npos)
          findings.push_back({file.path, i + 1, "agent/flow must not name a database: " + std::string(name)});
    }
  }
  return findings;
}

std::string cycle_in_layers() {
  std::set<std::string_view> open;
  std::set<std::string_view> done;
  for (const auto& entry : layers)
    if (const std::string cycle = visit_folder(entry.first, open, done); !cycle.empty()) return cycle;
  return {};
}

}  // namespace qianzhi::tidy
