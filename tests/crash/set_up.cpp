// What a person does once: keys, configurations, databases.
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>

#include <fstream>
#include <stdexcept>

#include "tests/crash/exchange.h"

namespace qianzhi::crash {

namespace {

constexpr const char* agent_config = R"(version: 1
agent: {id: @AGENT@, name: 测试}
exchange:
  url: "https://127.0.0.1:@PORT@"
  certificate: pki/@AGENT@.crt
  private_key: {file: pki/@AGENT@.key}
  signing_key: {file: pki/@AGENT@-signing.key}
  trust: pki/ca.crt
  directory_key: pki/directory.pub
queue: {path: @NAME@-queue.db, key: {file: pki/@AGENT@-queue.key}, max_size: 1GiB}
status: {listen: "127.0.0.1:0"}
)";

constexpr const char* hub_config = R"(hub:
  store: hub.db
  listen: "127.0.0.1:@PORT@"
  certificate: pki/hub.crt
  private_key: {file: pki/hub.key}
  trust: pki/ca.crt
  signing_key: {file: pki/hub-signing.key}
  directory_key: {file: pki/directory.key}
  catalogue: "@CATALOGUE@"
agents:
  commerce-01: {department: commerce, certificate: pki/commerce-01.crt, signing_key: pki/commerce-01-signing.pub}
  tax-01: {department: national_tax, certificate: pki/tax-01.crt, signing_key: pki/tax-01-signing.pub}
provisions:
  - {topics: commerce.*, agent: commerce-01}
grants:
  - {topics: commerce.*, to: [national_tax], purpose: 税源监控, basis: "@BASIS@"}
)";

constexpr const char* commerce_part = R"(sources:
  business: {type: sqlite, file: commerce.db, capture: @CAPTURE@, poll_interval: 50ms}
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

constexpr const char* tax_part = R"(targets:
  received: {type: sqlite, file: tax.db}
subscriptions:
  - {topic: commerce.opening_registration, target: received, table: firms}
  - {topic: commerce.change_registration, target: received, table: events, apply: history}
)";

constexpr const char* source_tables =
    "PRAGMA journal_mode=WAL;"
    "CREATE TABLE enterprise(reg_no TEXT PRIMARY KEY NOT NULL, ent_name TEXT, postal TEXT, district TEXT);"
    "CREATE TABLE ent_change(id INTEGER PRIMARY KEY, reg_no TEXT, ent_name TEXT, chg_item TEXT, content TEXT,"
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

std::string agent_text(const std::string& agent, Who who, std::uint16_t port) {
  const std::string text = replaced(replaced(agent_config, "@AGENT@", agent), "@NAME@", name_of(who));
  return replaced(text, "@PORT@", std::to_string(port));
}

}  // namespace

std::string name_of(Who who) { return who == Who::hub ? "hub" : who == Who::commerce ? "commerce" : "tax"; }

Exchange::Exchange(std::string capture) : capture_(std::move(capture)) {
  reserve_port();
  const Output made = run({QIANZHI_SOURCE_DIR "/packaging/pki/make-pki", file("pki").string(), "commerce-01", "tax-01"},
                          file("pki.log"));
  if (made.exit != 0) throw std::runtime_error(made.text);
  write_hub();
  write_commerce();
  write_tax();
}

// Bound and never listening: the kernel gives this port to nobody else, while the hub, which sets SO_REUSEADDR as well,
// can bind it each time it starts.
void Exchange::reserve_port() {
  reserved_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (setsockopt(reserved_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(reserved_, reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
      getsockname(reserved_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    throw std::runtime_error("no free port");
  hub_port_ = ntohs(address.sin_port);
}

void Exchange::write_hub() {
  const std::string text = replaced(hub_config, "@PORT@", std::to_string(hub_port_));
  const std::string basis = "测试 " + std::to_string(++editions_);
  write(config(Who::hub),
        replaced(replaced(text, "@CATALOGUE@", QIANZHI_SOURCE_DIR "/conf/catalogue"), "@BASIS@", basis));
}

void Exchange::change_directory() {
  write_hub();
  // Not before the hub has its handler for the signal: it listens then.
  if (std::filesystem::exists(file("hub.port"))) program(Who::hub).signal(SIGHUP);
}

void Exchange::write_commerce(const std::string& postal) {
  const std::string part = replaced(replaced(commerce_part, "@POSTAL@", postal), "@CAPTURE@", capture_);
  write(config(Who::commerce), agent_text("commerce-01", Who::commerce, hub_port_) + part);
}

void Exchange::write_tax() { write(config(Who::tax), agent_text("tax-01", Who::tax, hub_port_) + tax_part); }

void Exchange::make_source() {
  sql(source_tables);
  const Output plan = ask(Who::commerce, {"plan", "--catalogue", QIANZHI_SOURCE_DIR "/conf/catalogue", "install"});
  if (plan.exit != 0) throw std::runtime_error(plan.text);
  sql(plan.text);
}

void Exchange::make_target() {
  target_sql("PRAGMA journal_mode=WAL");
  const Output plan = ask(Who::tax, {"plan", "--catalogue", QIANZHI_SOURCE_DIR "/conf/catalogue", "install"});
  if (plan.exit != 0) throw std::runtime_error(plan.text);
  target_sql(plan.text);
}

}  // namespace qianzhi::crash
