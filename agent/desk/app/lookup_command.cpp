#include "agent/desk/app/lookup_command.h"

#include <cstdio>
#include <optional>

#include "agent/desk/app/desk_file.h"
#include "agent/desk/data/change_log.h"
#include "agent/desk/data/desk_store.h"
#include "agent/desk/data/identifier.h"
#include "agent/desk/lookup/service.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/service/process.h"
#include "hub-protocol/service/watchdog.h"
#include "hub-protocol/yaml/document.h"

namespace qianzhi::desk {

namespace {

constexpr int configuration_is_bad = 78;

// Logs of received files, and that of the base records.
std::vector<ChangeFile> lookup_changes(DeskStore& store) {
  const ChangeLog changes(store, {});
  std::vector<ChangeFile> files;
  ChangeFile records{"main.base_change", {}};
  for (const TableConfig& table : store.config().tables)
    if (table.database.empty() && table.table.compare(0, 5, "base_") == 0) records.tables[table.table] = table.id;
  if (!records.tables.empty()) files.push_back(std::move(records));
  for (const ReceivedFile& file : store.config().received) {
    if (changes.last(file.name) < 0) continue;
    ChangeFile log{identifier(file.name) + ".desk_change", {}};
    for (const TableConfig& table : store.config().tables)
      if (table.database == file.name) log.tables[table.table] = table.id;
    files.push_back(std::move(log));
  }
  return files;
}

// The part of desk.yaml that only this verb reads.
lookup::LookupConfig lookup_part(const std::filesystem::path& path, DeskStore& store, yaml::Diagnostics& diagnostics) {
  const auto document = yaml::read_document(path, diagnostics);
  if (!document) return {};
  std::vector<Table> tables;
  for (const TableConfig& table : store.config().tables)
    if (store.has_table(table.id)) tables.push_back(store.table(table.id));
  yaml::MapReader root(&*document, {}, diagnostics);
  yaml::MapReader reader = root.map("lookup", true);
  if (!reader.is_map()) diagnostics.error("QZ-DSK-210", root.place(), "没有 lookup 一节", "there is no section lookup");
  lookup::LookupConfig config = lookup::read_lookup(reader, tables);
  reader.finish();
  return config;
}

}  // namespace

int serve_lookup(const std::filesystem::path& path) {
  service::Signals signals;
  SystemClock clock;
  SystemRandom random;
  yaml::Diagnostics diagnostics;
  const DeskFile file = load_desk(path, diagnostics);
  std::optional<DeskStore> store;
  lookup::LookupConfig config;
  if (!diagnostics.has_errors()) {
    store.emplace(file.desk, clock);
    config = lookup_part(path, *store, diagnostics);
  }
  std::fputs(diagnostics.render().c_str(), stderr);
  if (diagnostics.has_errors()) return configuration_is_bad;
  lookup::Service site(store->database(), config, lookup_changes(*store), random, clock);
  log(LogLevel::notice, "lookup", "http://" + config.host + ":" + std::to_string(site.port()) + "/");
  service::notify("READY=1");
  const int poll_ms = static_cast<int>(file.poll / 1000);
  do {
    try {
      site.turn();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::corrupt) throw;
      log("lookup", error);
    }
    service::notify("WATCHDOG=1");
  } while (!service::wait_watched(signals, poll_ms));
  service::notify("STOPPING=1");
  return 0;
}

}  // namespace qianzhi::desk
