// bundle: what whoever helps needs to know of this agent.
#include <cstdio>

#include "agent/app/control_commands.h"
#include "agent/app/doctor.h"
#include "agent/app/files.h"
#include "agent/app/look_commands.h"
#include "agent/config/loader.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/command/bundle.h"
#include "hub-protocol/command/facts.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::app {

namespace {

// All that the configuration refers to; what cannot be read cannot get into the bundle either.
std::vector<std::string> secrets_of(const config::Config& config) {
  const config::ExchangeConfig& exchange = config.exchange;
  std::vector<config::SecretReference> references = {exchange.private_key,        exchange.signing_key,
                                                     exchange.second_signing_key, exchange.encryption_key,
                                                     exchange.proxy_password,     config.queue.key};
  for (const auto& [id, source] : config.sources)
    for (const auto& [name, reference] : source.database.secrets) references.push_back(reference);
  for (const auto& [id, target] : config.targets)
    for (const auto& [name, reference] : target.secrets) references.push_back(reference);
  return config::readable_secrets(references);
}

}  // namespace

int bundle(const std::filesystem::path& config_file, const std::filesystem::path& out, command::Language language,
           bool json) {
  yaml::Diagnostics diagnostics;
  const config::Config config = config::load_config(config_file, diagnostics);
  const bool is_good = !diagnostics.has_errors();
  command::Bundle bundle(is_good ? secrets_of(config) : std::vector<std::string>{});
  bundle.add("version.txt", "版本与构建情况 / version and build", [] { return command::facts_text("qianzhi"); });
  bundle.add("agent.yaml", "配置文件 / configuration file", [&] { return read_text(config_file); });
  bundle.add("check.txt", "配置检查的结果 / what check says", [&] { return diagnostics.render(); });
  bundle.add("doctor.json", "逐项检查的结果 / what doctor says",
             [&] { return examine(config_file).rendered(language, true, false); });
  if (is_good)
    bundle.add("status.json", "运行状态 / what the running agent says",
               [&] { return service::ask_control(control_socket_of(config), {"status-json"}); });
  return command::finish(bundle, out, language, json);
}

}  // namespace qianzhi::app
