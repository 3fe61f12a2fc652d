#include "agent/desk/serve/config.h"

#include <algorithm>
#include <set>

#include "agent/desk/serve/sessions.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/web/listener.h"
#include "hub-protocol/web/loopback.h"

namespace qianzhi::desk::serve {

namespace {

constexpr std::uint64_t most_port = 65535;

bool is_account_name(std::string_view name) {
  return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

void read_address(yaml::MapReader& reader, ServeConfig& config) {
  const yaml::Node* listen = reader.find("listen");
  const std::string text = reader.text("listen", "127.0.0.1:0");
  reader.form("listen", "^(localhost|[0-9.]+|\\[[0-9a-fA-F:.]+\\]):[0-9]{1,5}$");
  const std::size_t colon = text.rfind(':');
  const auto port = yaml::parse_integer(colon == text.npos ? "" : std::string_view(text).substr(colon + 1));
  config.host = text.substr(0, colon);
  if (config.host.size() > 2 && config.host.front() == '[' && config.host.back() == ']')
    config.host = config.host.substr(1, config.host.size() - 2);
  if (port && *port <= most_port && web::is_address(config.host))
    config.port = static_cast<std::uint16_t>(*port);
  else if (listen != nullptr && listen->is_scalar() && !text.empty())
    yaml::complain_form(*listen, reader.path_of("listen"), "IP地址:端口，例如 127.0.0.1:8095",
                        "ADDRESS:PORT such as 127.0.0.1:8095", reader.diagnostics());
}

void read_tls(yaml::MapReader& reader, ServeConfig& config) {
  const yaml::Node* certificate = reader.find("certificate");
  const yaml::Node* key = reader.find("private_key");
  config.certificate = reader.file("certificate", {});
  config.private_key = reader.file("private_key", {});
  if (certificate != nullptr) config.place = certificate->place;
  if ((certificate == nullptr) != (key == nullptr)) reader.require(key == nullptr ? "private_key" : "certificate");
  if (certificate == nullptr && key == nullptr && web::is_address(config.host) && !web::is_loopback(config.host))
    reader.diagnostics().error("QZ-DSK-236", reader.find("listen")->place,
                               reader.path_of("listen") + "：其他计算机能够到达的地址需要 certificate 和 private_key",
                               reader.path_of("listen") +
                                   ": an address that other machines reach needs certificate "
                                   "and private_key");
}

Account read_account(const std::string& id, yaml::MapReader& reader, const lookup::LookupConfig& lookup) {
  Account account;
  account.id = id;
  if (const auto token = reader.secret("token", true)) account.token = *token;
  if (const yaml::Node* token = reader.find("token")) account.place = token->place;
  account.lookup = reader.text("lookup", "");
  if (!account.lookup.empty() && lookup.roles.count(account.lookup) == 0)
    reader.diagnostics().error("QZ-DSK-210", reader.find("lookup")->place, "lookup.roles 中没有角色 " + account.lookup,
                               "there is no role " + account.lookup + " in lookup.roles");
  return account;
}

void read_accounts(yaml::MapReader& reader, const lookup::LookupConfig& lookup, ServeConfig& config) {
  yaml::MapReader accounts = reader.map("accounts", true);
  accounts.any_key();
  const yaml::Node* node = reader.find("accounts");
  if (node == nullptr || !node->is_map()) return;
  for (const yaml::Entry& entry : node->entries) {
    yaml::MapReader account(&entry.value, accounts.path_of(entry.key), reader.diagnostics());
    if (!is_account_name(entry.key))
      yaml::complain_key(entry, account.path(), "小写字母、数字、下划线、点和减号，最多 40 个字符",
                         "small letters, digits, underscores, dots and hyphens, at most 40 characters",
                         reader.diagnostics());
    config.accounts.push_back(read_account(entry.key, account, lookup));
    account.finish();
  }
}

}  // namespace

ServeConfig read_serve(yaml::MapReader& reader, const lookup::LookupConfig& lookup) {
  ServeConfig config;
  read_address(reader, config);
  read_tls(reader, config);
  for (const yaml::Node* node : reader.list("hosts", true)) config.hosts.push_back(node->text);
  read_accounts(reader, lookup, config);
  return config;
}

void check_serve(const ServeConfig& config, yaml::Diagnostics& diagnostics) {
  const auto attempt = [&](const yaml::Place& place, const auto& look) {
    try {
      look();
    } catch (const Error& error) {
      diagnostics.error(error.code(), place, "不能使用：" + error.detail(), "cannot be used: " + error.detail());
    }
  };
  if (config.has_tls()) attempt(config.place, [&] { web::check_files(config.certificate, config.private_key); });
  std::set<std::string> tokens;
  for (const Account& account : config.accounts)
    attempt(account.place, [&] {
      if (!tokens.insert(read_token(account)).second)
        throw Error(ErrorKind::misuse, "QZ-DSK-216", "serve.accounts." + account.id + ".token: another account has it");
    });
}

}  // namespace qianzhi::desk::serve
