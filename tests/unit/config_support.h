// A small good agent configuration to break, one place at a time.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "agent/config/loader.h"
#include "hub-protocol/model/topic.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test {

// Line numbers matter to the tests; 46 lines.
inline const std::string good_config = R"(version: 1
agent:
  id: commerce-01
  name: 工商局前置机
  language: zh-CN
  timezone: Asia/Shanghai
exchange:
  url: https://127.0.0.1:8443
  certificate: pki/commerce-01.crt
  private_key: {file: pki/commerce-01.key}
  signing_key: {file: pki/signing.key}
  trust: pki/ca.crt
  directory_key: pki/directory.pub
queue:
  path: queue.db
  key: {file: queue.key}
  max_size: 20GiB
sources:
  commerce-db:
    type: postgresql
    dsn: host=10.0.0.5 dbname=commerce
    password: {credential: commerce-db}
    capture: log
    poll_interval: 200ms
targets:
  received-db: {type: sqlite, file: received.db}
publications:
  - topic: commerce.opening
    source: commerce-db
    table: public.enterprise
    items:
      reg_no: {column: no, normalise: [trim, upper]}
      name: ent_name
      kind: {column: kind, code_table: {A: "1100", B: "1200"}, strict: true}
      office: {constant: 广州市工商局}
      since: {column: est, normalise: [date]}
      area_code: {area: {column: district, registration_number_column: no}}
    where: {status: [normal, changed]}
    area: [440103, 440104]
    schedule: realtime
    batch: {rows: 2000, size: 1MiB, linger: 0ms}
subscriptions:
  - {topic: tax.registration, target: received-db, table: tax, apply: upsert, rename: {id: tax_id}}
  - {topic: quality.issue, target: received-db}
status:
  listen: 127.0.0.1:8420
)";

inline Catalogue small_catalogue() {
  const auto item = [](std::string id, ItemType type, std::uint32_t length, bool required = false) {
    Item made;
    made.id = made.title = made.title_en = std::move(id);
    made.type = type;
    made.length = length;
    made.required = required;
    return made;
  };
  Topic opening;
  opening.id = "commerce.opening";
  opening.items = {item("reg_no", ItemType::code, 18, true), item("name", ItemType::text, 20),
                   item("kind", ItemType::code, 4),          item("office", ItemType::text, 10),
                   item("since", ItemType::date, 0),         item("area_code", ItemType::digits, 6)};
  opening.key = {"reg_no"};
  opening.partition = "area_code";
  Topic registration;
  registration.id = "tax.registration";
  registration.items = {item("id", ItemType::code, 20, true), item("title", ItemType::text, 0)};
  registration.key = {"id"};
  Topic issue = registration;
  issue.id = "quality.issue";
  Catalogue catalogue;
  catalogue.version = 3;
  for (const Topic& topic : {opening, registration, issue}) catalogue.topics.emplace(topic.id, topic);
  return catalogue;
}

// The good configuration with the first `from` replaced; from must be there.
inline std::string with(const std::string& from, const std::string& to, std::string text = good_config) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::invalid_argument("not in the good configuration: " + from);
  return text.replace(at, from.size(), to);
}

// The good configuration with a drop folder in place of its source's database.
inline std::string files_config() {
  const std::string text = with(
      "    type: postgresql\n    dsn: host=10.0.0.5 dbname=commerce\n    password: {credential: commerce-db}\n"
      "    capture: log\n",
      R"(    type: files
    folder: drop
    encoding: gb18030
    delimiter: tab
    complete: {marker: .done}
    most_removed: 50
    tables:
      enterprise:
        full: "enterprise_*.csv"
        changes: "enterprise-change_*.csv"
        columns: {注册号: no, 名称: ent_name}
        operation: {column: 操作, upsert: [新增, 修改], remove: 注销}
)");
  return with("table: public.enterprise", "table: enterprise", text);
}

struct Loaded {
  config::Config config;
  std::vector<std::string> findings;  // "line:column code", warnings with a "?" behind
  std::string report;
};

inline Loaded load(const std::string& text, bool with_catalogue = true) {
  const TempDir folder;
  std::ofstream(folder / "agent.yaml", std::ios::binary) << text;
  yaml::Diagnostics diagnostics;
  Loaded loaded;
  loaded.config = config::load_config(folder / "agent.yaml", diagnostics);
  if (with_catalogue) config::check_against(loaded.config, small_catalogue(), diagnostics);
  for (const yaml::Diagnostic& d : diagnostics.all()) {
    loaded.findings.push_back(std::to_string(d.place.line) + ":" + std::to_string(d.place.column) + " " + d.code +
                              (d.severity == yaml::Severity::warning ? "?" : ""));
  }
  loaded.report = diagnostics.render();
  return loaded;
}

}  // namespace qianzhi::test
