// desk.yaml as a whole.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "agent/desk/data/desk_config.h"
#include "agent/desk/data/desk_store.h"
#include "agent/desk/lookup/config.h"
#include "agent/desk/records/config.h"
#include "agent/desk/rules/report.h"
#include "agent/desk/rules/rule.h"
#include "agent/desk/serve/config.h"
#include "agent/desk/work/work_config.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/record.h"
#include "hub-protocol/yaml/schema.h"

namespace qianzhi::desk {

struct DeskFile {
  DeskConfig desk;
  Micros poll = 5'000'000;  // how often received files are looked at
  std::vector<Rule> rules;
  std::vector<Report> reports;
  WorkConfig work;
  LogForm log = LogForm::text;
  std::optional<serve::ServeConfig> serve;
  // Of these the items can only be known with the tables open: bind_records() and bind_lookup(). Null: none. Valid as
  // long as document.
  const yaml::Node* records = nullptr;
  const yaml::Node* lookup = nullptr;
  std::shared_ptr<const yaml::Node> document;
};

// version, the desk's keys, log, rules, reports, what agent/desk/work reads, records, lookup, serve, and `files`: more
// files with rules and reports, relative to this one. What came with errors must not be used.
DeskFile load_desk(const std::filesystem::path& file, yaml::Diagnostics& diagnostics);
// The same of a document that was read; file.document stays null.
DeskFile read_desk_file(const std::filesystem::path& path, const yaml::Node& document, yaml::Diagnostics& diagnostics);

// Every key that the file may have, with its meaning: conf/reference/desk.yaml.
std::vector<std::string_view> reference_texts();
void add_reference(yaml::Schema& schema);

// The settings in force of the file; of `files` only their names. With errors in diagnostics not to be used.
std::vector<yaml::Setting> load_settings(const std::filesystem::path& file, yaml::Diagnostics& diagnostics);

// The sections once more, now with the tables as they are. The sections must be there.
records::RecordsConfig bind_records(const DeskFile& file, const DeskStore& store, yaml::Diagnostics& diagnostics);
// missing_too: tables that are not there yet are complained of, else their items are not looked for.
lookup::LookupConfig bind_lookup(const DeskFile& file, const DeskStore& store, bool missing_too,
                                 yaml::Diagnostics& diagnostics);

}  // namespace qianzhi::desk
