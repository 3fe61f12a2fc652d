#include "hub-protocol/hub/doctor_command.h"

#include <cstdio>

#include "hub-protocol/ca/authority.h"
#include "hub-protocol/command/bundle.h"
#include "hub-protocol/command/facts.h"
#include "hub-protocol/command/outcome.h"
#include "hub-protocol/command/terminal.h"
#include "hub-protocol/hub/hub_config.h"
#include "hub-protocol/hub/hub_sections.h"
#include "hub-protocol/service/control.h"
#include "hub-protocol/sqlite/check.h"

namespace qianzhi::hub {

namespace {

using command::Checkup;
using command::Mark;

constexpr std::uint64_t least_free = 256U << 20U;
constexpr Micros warn_before = 30 * ca::day;

void look_at_days(Checkup& checkup, const std::string& step, const std::string& text,
                  const std::filesystem::path& file) {
  std::string pem;
  if (file.empty() || !checkup.look("file", "文件 / file", [&] {
        command::look_at_file(file);
        pem = read_file(file.string());
        return file.string();
      }))
    return;
  try {
    const Micros now = SystemClock().now();
    const ca::Validity validity = ca::validity_of(pem);
    const std::string detail =
        to_text(validity.not_after) + " (" + std::to_string((validity.not_after - now) / ca::day) + " d)";
    const bool is_over = now < validity.not_before || now >= validity.not_after;
    if (is_over || validity.not_after - now < warn_before)
      checkup.add({is_over ? Mark::failed : Mark::warning, step, text, "QZ-CLI-027", detail, "qianzhi-hub help ca"});
    else
      checkup.good(step, text, detail);
  } catch (const Error& error) {
    checkup.failed(step, text, error);
  }
}

void look_at_store(Checkup& checkup, const std::string& step, const std::string& text,
                   const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return checkup.skipped(step, text, file.string());
  checkup.look(step, text, [&] {
    sqlite::check_whole(file, "QZ-CLI-026");
    return file.string() + " " + command::shown_octets(std::filesystem::file_size(file));
  });
}

// All that the configuration refers to, also where it has errors; what cannot be read cannot get into a bundle either.
std::vector<std::string> secrets_of(const HubConfig& config) {
  std::vector<std::string> secrets;
  for (const std::filesystem::path& key : {config.private_key, config.signing_key, config.directory_key,
                                           config.ca.private_key, config.admin.private_key}) {
    if (key.empty()) continue;
    try {
      secrets.push_back(read_file(key));
    } catch (const Error&) {
    }
  }
  return secrets;
}

}  // namespace

Checkup examine(const std::filesystem::path& file) {
  Checkup checkup;
  yaml::Diagnostics diagnostics;
  const HubConfig config = load_hub_config(file, diagnostics);
  if (!checkup.configuration("qianzhi-hub", file, !diagnostics.has_errors())) return checkup;
  try {
    service::ask_control(config.control, {"status"});
    checkup.good("hub", "中心正在运行 / the hub runs");
  } catch (const Error& error) {
    checkup.add({Mark::notice, "hub", "中心没有运行，或不能与它对话 / the hub does not run, or may not be asked",
                 error.code(), error.detail(), ""});
  }
  const std::filesystem::path folder = std::filesystem::absolute(config.store).parent_path();
  const std::int64_t user = command::owner_of(folder);
  for (const std::filesystem::path& key :
       {config.private_key, config.signing_key, config.directory_key, config.ca.private_key})
    if (!key.empty())
      checkup.look("key", "密钥文件 / key file", [&] { return command::look_at_secret_file(key, user); });
  look_at_days(checkup, "certificate-days", "中心证书有效期 / validity of the hub's certificate", config.certificate);
  look_at_days(checkup, "issuing-days", "签发证书有效期 / validity of the issuing authority", config.ca.certificate);
  look_at_days(checkup, "trust-days", "根证书有效期 / validity of the root", config.trust);
  checkup.look("disk", "日志所在的磁盘 / disk of the log", [&] { return command::look_at_folder(folder, least_free); });
  look_at_store(checkup, "store", "日志文件 / the log's file", config.store);
  look_at_store(checkup, "registry", "登记簿文件 / the registry's file", config.registry);
  if (!config.backups.directory.empty())
    checkup.look("backups", "备份文件夹 / folder of backups",
                 [&] { return command::look_at_folder(config.backups.directory, least_free); });
  if (config.lacks_backups())
    checkup.add({Mark::warning, "backups", "中心没有配置备份 / the hub makes no backups", "QZ-CFG-040", "", ""});
  return checkup;
}

int doctor(const std::filesystem::path& config, command::Language language, bool json) {
  return command::tell(examine(config), language, json);
}

int bundle(const std::filesystem::path& config, const std::filesystem::path& out, command::Language language,
           bool json) {
  yaml::Diagnostics diagnostics;
  const HubConfig hub = load_hub_config(config, diagnostics);
  command::Bundle bundle(secrets_of(hub));
  bundle.add("version.txt", "版本与构建情况 / version and build", [] { return command::facts_text("qianzhi-hub"); });
  bundle.add("hub.yaml", "配置文件 / configuration file", [&] { return read_file(config.string()); });
  bundle.add("check.txt", "配置检查的结果 / what check says", [&] { return diagnostics.render(); });
  bundle.add("doctor.json", "逐项检查的结果 / what doctor says",
             [&] { return examine(config).rendered(language, true, false); });
  for (const char* verb : {"status", "overview", "agents", "streams"})
    bundle.add(std::string(verb) + ".json", std::string("运行中的中心的回答 / what the running hub says: ") + verb,
               [&] {
                 return service::ask_control(control_socket_of(config), {verb, "--json"});
               });
  return command::finish(bundle, out, language, json);
}

}  // namespace qianzhi::hub
