// What a person does once: keys, configurations, databases.
#include <signal.h>

#include <fstream>
#include <stdexcept>

#include "packaging/demo/database.h"
#include "tests/crash/exchange.h"

namespace qianzhi::crash {

namespace {

constexpr const char* agent_config = R"(version: 1
agent: {id: @AGENT@, name: 测试}
exchange:
  @WAY@
  certificate: pki/@AGENT@.crt
  private_key: {file: pki/@AGENT@.key}
  signing_key: {file: pki/@AGENT@-signing.key}
@SECOND@  trust: pki/ca.crt
  directory_key: pki/directory.pub
queue: {path: @SMALL@@NAME@-queue.db, key: {file: pki/@AGENT@-queue.key}, cipher: @CIPHER@, max_size: 1GiB}
status: {listen: "127.0.0.1:0"}
)";

constexpr const char* by_network = "url: \"https://127.0.0.1:@PORT@\"";
constexpr const char* by_files =
    "directory: {out: gap/@NAME@-out, in: gap/@NAME@-in, hub_certificate: pki/hub.crt,"
    " poll: 1s, repeat: 4s, timeout: 1m}";

constexpr const char* hub_config = R"(hub:
  store: @SMALL@hub.db
  directory_validity: @VALIDITY@
  listen: "127.0.0.1:@PORT@"
  certificate: pki/hub.crt
  private_key: {file: pki/hub.key}
  trust: pki/ca.crt
  signing_key: {file: pki/hub-signing.key}
  directory_key: {file: pki/directory.key}
  catalogue: "@CATALOGUE@"
@PLACES@agents:
  commerce-01: {department: commerce, certificate: pki/commerce-01.crt, @COMMERCE_KEYS@@commerce@}
  tax-01: {department: national_tax, certificate: pki/tax-01.crt, @TAX_KEYS@@tax@}
@AGENTS@provisions:
  - {topics: commerce.*, agent: commerce-01}
grants:
  - {topics: commerce.*, to: [national_tax], purpose: 税源监控, basis: "@BASIS@"}
@GRANTS@)";

constexpr const char* quality_agent =
    "  quality-01: {department: quality, certificate: pki/quality-01.crt,"
    " signing_key: pki/quality-01-signing.pub}\n";

constexpr const char* quality_grants =
    "  - {topics: commerce.opening_registration, to: [quality], groups: [@DISTRICT@], except_items: [postal_code],"
    " purpose: 市场监管, basis: 测试}\n"
    "  - {topics: commerce.change_registration, to: [quality], groups: [@DISTRICT@], purpose: 市场监管, basis: 测试}\n";

constexpr const char* commerce_part = R"(sources:
  business: {@DATABASE@, capture: @CAPTURE@, poll_interval: 50ms}
publications:
  - topic: commerce.opening_registration
    source: business
    table: enterprise
    items:
      registration_number: reg_no
      enterprise_name: ent_name
      postal_code: @POSTAL@
      area_code: {area: {column: district}}
    batch: {rows: 7, size: 1MiB, linger: 0ms}
  - topic: commerce.change_registration
    source: business
    table: ent_change
    items:
      source_row_id: id
      registration_number: reg_no
      enterprise_name: ent_name
      changed_item: chg_item
      content_after_change: content
      area_code: {area: {column: district}}
    batch: {rows: 7, size: 1MiB, linger: 0ms}
)";

constexpr const char* receiver_part = R"(targets:
  received: {@DATABASE@}
subscriptions:
  - {topic: commerce.opening_registration, target: received, table: firms, apply: @APPLY@}
  - {topic: commerce.change_registration, target: received, table: events, apply: history}
)";

constexpr const char* source_tables =
    "CREATE TABLE enterprise(reg_no TEXT PRIMARY KEY NOT NULL, ent_name TEXT, postal TEXT, district TEXT);"
    "CREATE TABLE ent_change(id BIGINT PRIMARY KEY, reg_no TEXT, ent_name TEXT, chg_item TEXT, content TEXT,"
    " district TEXT);";

std::string replaced(std::string text, const std::string& name, const std::string& value) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
    text.replace(at, name.size(), value);
  return text;
}

// Whole or not at all: a running program may read it at any time.
void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file.string() + ".new", std::ios::binary | std::ios::trunc) << text;
  std::filesystem::rename(file.string() + ".new", file);
}

bool has_second(Seals seals) { return seals == Seals::sm_beside || seals == Seals::two_signatures; }

std::string agent_text(const std::string& agent, Who who, std::uint16_t port, const Choice& choice) {
  const Seals seals = choice.seals;
  const bool second = has_second(seals);
  std::string text = replaced(agent_config, "@SECOND@",
                              second ? "  second_signing_key: {file: pki/@AGENT@-second.key}\n" : std::string());
  text = replaced(text, "@WAY@", choice.by_files.count(who) != 0 ? by_files : by_network);
  text = replaced(text, "@CIPHER@", seals == Seals::sm || seals == Seals::sm_beside ? "sm4" : "aes");
  text = replaced(replaced(text, "@AGENT@", agent), "@NAME@", name_of(who));
  return replaced(text, "@PORT@", std::to_string(port));
}

// retired: further entries.
std::string keys_of(const std::string& agent, Seals seals, const std::string& retired = {}) {
  const std::string file = "pki/" + agent;
  const std::string first = "{file: " + file + "-signing.pub";
  if (!has_second(seals) && retired.empty()) return "signing_key: " + file + "-signing.pub";
  if (!has_second(seals)) return "signing_keys: [" + first + "}" + retired + "]";
  return "signing_keys: [" + first + ", role: first}, {file: " + file + "-second.pub, role: second}" + retired + "]";
}

// For make-pki.
std::vector<std::string> algorithms_of(Seals seals) {
  switch (seals) {
    case Seals::plain: return {};
    case Seals::sm: return {"QIANZHI_PKI_SIGNING=sm2", "QIANZHI_PKI_HUB=sm2"};
    case Seals::sm_beside: return {"QIANZHI_PKI_SECOND=sm2", "QIANZHI_PKI_HUB=sm2"};
    case Seals::two_signatures: return {"QIANZHI_PKI_SIGNING=ecdsa-p256", "QIANZHI_PKI_SECOND=sm2"};
  }
  return {};
}

}  // namespace

std::string name_of(Who who) {
  switch (who) {
    case Who::hub: return "hub";
    case Who::commerce: return "commerce";
    case Who::tax: return "tax";
    case Who::quality: return "quality";
  }
  return {};
}

Exchange::Exchange(const Choice& choice) : choice_(choice) {
  if (choice_.restricted) all_.push_back(Who::quality);
  if (choice_.restricted) receivers_.push_back(Who::quality);
  if (choice_.postgresql) {
    source_server_ = std::make_unique<test::PostgresServer>();
    target_server_ = std::make_unique<test::PostgresServer>();
    for (const Who who : all_)
      if (who != Who::hub) open_postgresql(server(who).dsn())->run("CREATE DATABASE " + name_of(who));
  }
  std::filesystem::create_directory(file("small"));
  make_gateway();
  std::vector<std::string> command = {"/usr/bin/env"};
  for (const std::string& algorithm : algorithms_of(choice_.seals)) command.push_back(algorithm);
  command.insert(command.end(), {QIANZHI_SOURCE_DIR "/packaging/pki/make-pki", file("pki").string()});
  for (const Who who : all_)
    if (who != Who::hub) command.push_back(name_of(who) + "-01");
  const Output made = run(command, file("pki.log"));
  if (made.exit != 0) throw std::runtime_error(made.text);
  write_hub();
  write_commerce();
  for (const Who who : receivers_) write_receiver(who);
}

void Exchange::make_gateway() {
  if (choice_.by_files.empty()) return;
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> ways;
  for (const Who who : choice_.by_files) {
    const auto folder = [&](const char* end) {
      std::filesystem::path path = file("gap") / (name_of(who) + end);
      std::filesystem::create_directories(path);
      return path;
    };
    ways.emplace_back(folder("-out"), folder("-hub-in"));
    ways.emplace_back(folder("-hub-out"), folder("-in"));
  }
  gateway_ = std::make_unique<test::Gateway>(std::move(ways), 1, choice_.faults);
}

void Exchange::write_hub() {
  std::string text = replaced(hub_config, "@PORT@", std::to_string(hub_port_.number()));
  text = replaced(text, "@SMALL@", choice_.small == Who::hub ? "small/" : "");
  text = replaced(text, "@VALIDITY@", choice_.validity);
  std::string places = choice_.by_files.empty() ? "" : "  directories:\n";
  for (const Who who : choice_.by_files) {
    const std::string name = name_of(who);
    places += "    - {agent: " + name + "-01, in: gap/" + name + "-hub-in, out: gap/" + name + "-hub-out}\n";
  }
  text = replaced(text, "@PLACES@", places);
  text = replaced(text, "@COMMERCE_KEYS@", keys_of("commerce-01", choice_.seals, retired_));
  text = replaced(text, "@TAX_KEYS@", keys_of("tax-01", choice_.seals));
  for (const Who who : {Who::commerce, Who::tax})
    text = replaced(text, "@" + name_of(who) + "@", disabled_.count(who) != 0 ? ", enabled: false" : "");
  text = replaced(text, "@AGENTS@", choice_.restricted ? quality_agent : "");
  text = replaced(text, "@GRANTS@", choice_.restricted && !choice_.ungranted ? quality_grants : "");
  text = replaced(text, "@DISTRICT@", granted_district);
  const std::string basis = "测试 " + std::to_string(++editions_);
  write(config(Who::hub),
        replaced(replaced(text, "@CATALOGUE@", QIANZHI_SOURCE_DIR "/conf/catalogue"), "@BASIS@", basis));
}

void Exchange::replace_key() {
  const std::string name = "pki/commerce-01-signing";
  const std::string old = "pki/commerce-01-old-" + std::to_string(editions_) + ".pub";
  std::filesystem::rename(file(name + ".pub"), file(old));
  std::filesystem::remove(file(name + ".key"));
  std::vector<std::string> command = {"/usr/bin/env"};
  for (const std::string& algorithm : algorithms_of(choice_.seals)) command.push_back(algorithm);
  command.insert(command.end(), {QIANZHI_SOURCE_DIR "/packaging/pki/make-pki", file("pki").string(), "commerce-01"});
  const Output made = run(command, file("pki.log"));
  if (made.exit != 0) throw std::runtime_error(made.text);
  retired_ += ", {file: " + old + (has_second(choice_.seals) ? ", role: first" : "") + ", state: retired}";
  change_directory();
}

void Exchange::disable(Who who, bool disabled) {
  if (disabled)
    disabled_.insert(who);
  else
    disabled_.erase(who);
  change_directory();
}

std::string Exchange::database_of(Who who) {
  if (!choice_.postgresql) return "type: sqlite, file: " + name_of(who) + ".db";
  return "type: postgresql, dsn: \"" + server(who).dsn(name_of(who)) + "\"";
}

void Exchange::change_directory() {
  write_hub();
  // Not before the hub has its handler for the signal: it listens then.
  if (std::filesystem::exists(file("hub.port"))) program(Who::hub).signal(SIGHUP);
}

void Exchange::write_commerce(const std::string& postal) {
  std::string part = replaced(replaced(commerce_part, "@POSTAL@", postal), "@CAPTURE@", choice_.capture);
  part = replaced(part, "@DATABASE@", database_of(Who::commerce));
  part = agent_text("commerce-01", Who::commerce, hub_port_.number(), choice_) + part;
  write(config(Who::commerce), replaced(part, "@SMALL@", choice_.small == Who::commerce ? "small/" : ""));
}

void Exchange::write_receiver(Who who) {
  std::string part = replaced(receiver_part, "@DATABASE@", database_of(who));
  part = replaced(part, "@APPLY@", who == Who::quality ? "history" : "upsert");
  part = agent_text(name_of(who) + "-01", who, hub_port_.number(), choice_) + part;
  write(config(who), replaced(part, "@SMALL@", choice_.small == who ? "small/" : ""));
}

// As the DBA does with what `plan` prints.
void Exchange::install(Who who) {
  const Output plan = ask(who, {"plan", "--catalogue", QIANZHI_SOURCE_DIR "/conf/catalogue", "install"});
  if (plan.exit != 0) throw std::runtime_error(plan.text);
  if (choice_.postgresql)
    demo::run_script({demo::Dialect::postgresql, {}, server(who).dsn(name_of(who)), {}, {}}, plan.text,
                     file("dba.log"));
  else
    open(who).run(plan.text);
}

void Exchange::make_source() {
  if (!choice_.postgresql) sql("PRAGMA journal_mode=WAL");
  sql(source_tables);
  install(Who::commerce);
}

void Exchange::make_target() {
  for (const Who who : receivers_) {
    if (!choice_.postgresql) open(who).run("PRAGMA journal_mode=WAL");
    install(who);
  }
}

}  // namespace qianzhi::crash
