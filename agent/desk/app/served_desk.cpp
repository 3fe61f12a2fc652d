#include "agent/desk/app/served_desk.h"

#include <cstdio>

#include "agent/desk/app/desk.h"
#include "agent/desk/data/change_log.h"
#include "agent/desk/data/identifier.h"

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
    if (!file_.serve)
      diagnostics.error("QZ-DSK-210", file_.document->place, "没有 serve 一节", "there is no section serve");
    if (file_.lookup != nullptr) lookup_config_ = bind_lookup(file_, *store_, true, diagnostics);
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
  service_.emplace(*file_.serve, serve::ServiceParts{facts_of(file_), *cases_, &*reports_,
                                                     lookup_ ? &*lookup_ : nullptr, random, clock});
}

void ServedDesk::turn() {
  {
    const serve::Door::Pass pass = cases_->door.wait();
    store_->read_days_off();
  }
  service_->turn();
}

std::string ServedDesk::address() const {
  return std::string(file_.serve->has_tls() ? "https://" : "http://") + file_.serve->host + ":" +
         std::to_string(service_->port()) + "/";
}

}  // namespace qianzhi::desk
