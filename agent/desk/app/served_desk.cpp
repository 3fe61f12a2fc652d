#include "agent/desk/app/served_desk.h"

#include <cstdio>

#include "agent/desk/app/desk.h"
#include "agent/desk/data/change_log.h"
#include "agent/desk/data/identifier.h"
#include "hub-protocol/yaml/document.h"

namespace qianzhi::desk {

namespace {

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

// The parts of desk.yaml that only this verb reads.
struct ServeParts {
  serve::ServeConfig serve;
  std::optional<lookup::LookupConfig> lookup;
};

ServeParts read_parts(const std::filesystem::path& path, DeskStore& store, yaml::Diagnostics& diagnostics) {
  ServeParts parts;
  const auto document = yaml::read_document(path, diagnostics);
  if (!document) return parts;
  std::vector<Table> tables;
  for (const TableConfig& table : store.config().tables)
    if (store.has_table(table.id)) tables.push_back(store.table(table.id));
  yaml::MapReader root(&*document, {}, diagnostics);
  if (root.find("lookup") != nullptr) {
    yaml::MapReader reader = root.map("lookup", true);
    parts.lookup = lookup::read_lookup(reader, tables);
    reader.finish();
  }
  yaml::MapReader reader = root.map("serve", true);
  if (!reader.is_map()) diagnostics.error("QZ-DSK-210", root.place(), "没有 serve 一节", "there is no section serve");
  parts.serve = serve::read_serve(reader, parts.lookup.value_or(lookup::LookupConfig()));
  reader.finish();
  return parts;
}

serve::DeskFacts facts_of(const DeskFile& file) {
  serve::DeskFacts facts{file.desk.id, file.poll, {}, file.desk.received};
  for (const Rule& rule : file.rules) facts.rules[rule.id] = {rule.title, rule.title_en};
  return facts;
}

}  // namespace

ServedDesk::ServedDesk(const std::filesystem::path& config, Random& random, const Clock& clock) {
  yaml::Diagnostics diagnostics;
  file_ = load_desk(config, diagnostics);
  if (!diagnostics.has_errors()) {
    store_.emplace(file_.desk, clock);
    ServeParts parts = read_parts(config, *store_, diagnostics);
    serve_ = std::move(parts.serve);
    lookup_config_ = std::move(parts.lookup);
  }
  std::fputs(diagnostics.render().c_str(), stderr);
  if (!diagnostics.has_errors()) open(random, clock);
}

void ServedDesk::open(Random& random, const Clock& clock) {
  const Holidays& holidays = store_->config().holidays;
  cases_.emplace(
      store_->database(), file_.desk.id, file_.work,
      [&holidays](Day from, int days) { return holidays.due(from, days); }, clock);
  report_store_.emplace(file_.desk, clock);
  judge_.emplace(*report_store_, file_.rules, standard_normalisers());
  reports_.emplace(*report_store_, *judge_, file_.reports);
  if (lookup_config_) {
    lookup_store_.emplace(file_.desk, clock);
    lookup_.emplace(lookup_store_->database(), *lookup_config_, lookup_changes(*lookup_store_), random, clock);
  }
  service_.emplace(
      serve_, serve::ServiceParts{facts_of(file_), *cases_, &*reports_, lookup_ ? &*lookup_ : nullptr, random, clock});
}

void ServedDesk::turn() {
  {
    const serve::Door::Pass pass = cases_->door.wait();
    store_->read_days_off();
  }
  service_->turn();
}

std::string ServedDesk::address() const {
  return std::string(serve_.has_tls() ? "https://" : "http://") + serve_.host + ":" + std::to_string(service_->port()) +
         "/";
}

}  // namespace qianzhi::desk
