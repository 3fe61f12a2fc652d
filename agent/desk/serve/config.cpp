#include "agent/desk/serve/config.h"

#include <algorithm>

namespace qianzhi::desk::serve {

namespace {

bool is_account_name(std::string_view name) {
  return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

void read_address(yaml::MapReader& reader, ServeConfig& config) {
  const std::string listen = reader.text("listen", "127.0.0.1:0");
  const std::size_t colon = listen.rfind(':');
  const auto port = yaml::parse_integer(colon == listen.npos ? "" : std::string_view(listen).substr(colon + 1));
  config.host = listen.substr(0, colon);
  if (config.host.size() > 2 && config.host.front() == '[') config.host = config.host.substr(1, config.host.size() - 2);
  if (!port || *port > 65535)
    reader.diagnostics().error("QZ-DSK-210", reader.place(), "serve.listen 应为 地址:端口，如 127.0.0.1:8095",
                               "serve.listen must be ADDRESS:PORT, as 127.0.0.1:8095");
  else
    config.port = static_cast<std::uint16_t>(*port);
}

Account read_account(const std::string& id, yaml::MapReader& reader, const lookup::LookupConfig& lookup) {
  Account account;
  account.id = id;
  if (const auto token = reader.secret("token", true)) account.token = *token;
  account.lookup = reader.text("lookup", "");
  if (!account.lookup.empty() && lookup.roles.count(account.lookup) == 0)
    reader.diagnostics().error("QZ-DSK-210", reader.place(), "lookup.roles 中没有角色 " + account.lookup,
                               "there is no role " + account.lookup + " in lookup.roles");
  return account;
}

}  // namespace

ServeConfig read_serve(yaml::MapReader& reader, const lookup::LookupConfig& lookup) {
  ServeConfig config;
  read_address(reader, config);
  config.certificate = reader.file("certificate", {});
  config.private_key = reader.file("private_key", {});
  if (config.certificate.empty() != config.private_key.empty())
    reader.require(config.certificate.empty() ? "certificate" : "private_key");
  for (const yaml::Node* node : reader.list("hosts", true)) config.hosts.push_back(node->text);
  const yaml::Node* accounts = reader.require("accounts");
  if (accounts == nullptr) return config;
  if (!accounts->is_map()) {
    yaml::complain_kind(*accounts, reader.path_of("accounts"), "map", reader.diagnostics());
    return config;
  }
  for (const yaml::Entry& entry : accounts->entries) {
    yaml::MapReader account(&entry.value, reader.path_of("accounts") + "." + entry.key, reader.diagnostics());
    if (!is_account_name(entry.key))
      yaml::complain_form(entry.value, account.path(), "小写字母、数字、下划线、点和减号",
                          "small letters, digits, underscores, dots and hyphens", reader.diagnostics());
    config.accounts.push_back(read_account(entry.key, account, lookup));
    account.finish();
  }
  return config;
}

}  // namespace qianzhi::desk::serve
