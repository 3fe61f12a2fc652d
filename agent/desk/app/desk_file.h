// desk.yaml as a whole.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "agent/desk/data/desk_config.h"
#include "agent/desk/rules/report.h"
#include "agent/desk/rules/rule.h"
#include "agent/desk/work/work_config.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/yaml/document.h"

namespace qianzhi::desk {

struct DeskFile {
  DeskConfig desk;
  Micros poll = 5'000'000;  // how often received files are looked at
  std::vector<Rule> rules;
  std::vector<Report> reports;
  WorkConfig work;
  LogForm log = LogForm::text;
  // `records`, which can only be read with the tables open; null: none. Valid as long as document.
  const yaml::Node* records = nullptr;
  std::shared_ptr<const yaml::Node> document;
};

// version, the desk's keys, log, rules, reports, what agent/desk/work reads, records, and `files`: more files with
// rules and reports, relative to this one. What came with errors must not be used.
DeskFile load_desk(const std::filesystem::path& file, yaml::Diagnostics& diagnostics);

}  // namespace qianzhi::desk
