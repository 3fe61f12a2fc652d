#include "agent/desk/app/doctor_command.h"

#include <cstdio>

#include "agent/config/loader.h"
#include "agent/desk/app/desk_file.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/command/bundle.h"
#include "hub-protocol/command/facts.h"
#include "hub-protocol/command/outcome.h"
#include "hub-protocol/command/terminal.h"
#include "hub-protocol/service/process.h"
#include "hub-protocol/sqlite/check.h"

namespace qianzhi::desk {

namespace {

using command::Checkup;
using command::Mark;

constexpr std::uint64_t least_free = 64U << 20U;

void look_at_pages(Checkup& checkup, const serve::ServeConfig& config) {
  yaml::Diagnostics diagnostics;
  serve::check_serve(config, diagnostics);
  const std::string text = "页面的证书和口令 / certificate and tokens of the pages";
  for (const yaml::Diagnostic& found : diagnostics.all())
    checkup.add({Mark::failed, "pages", text, found.code, found.en, ""});
  if (!diagnostics.has_errors()) checkup.good("pages", text);
}

// All that the configuration refers to, also where it has errors; what cannot be read cannot get into a bundle either.
std::vector<std::string> secrets_of(const DeskFile& file) {
  std::vector<config::SecretReference> references;
  const auto add = [&](const std::optional<yaml::Secret>& secret) {
    if (secret) references.push_back({secret->file, secret->credential});
  };
  for (const OutletConfig& outlet : file.work.outlets) {
    if (const auto* webhook = std::get_if<WebhookConfig>(&outlet.kind)) {
      add(webhook->signature);
      add(webhook->bearer);
    }
    if (const auto* mail = std::get_if<MailConfig>(&outlet.kind)) add(mail->password);
  }
  for (const FeedConfig& feed : file.work.feeds) add(feed.pseudonym_key);
  if (file.serve) {
    for (const serve::Account& account : file.serve->accounts) add(account.token);
    references.push_back({file.serve->private_key, {}});
  }
  return config::readable_secrets(references);
}

}  // namespace

Checkup examine(const std::filesystem::path& file) {
  Checkup checkup;
  yaml::Diagnostics diagnostics;
  const DeskFile desk = load_desk(file, diagnostics);
  if (!checkup.configuration("qianzhi-desk", file, !diagnostics.has_errors())) return checkup;
  for (const ReceivedFile& received : desk.desk.received)
    checkup.look("received", "收到的数据 / received data " + received.name,
                 [&] { return command::look_at_file(received.file); });
  if (desk.serve) look_at_pages(checkup, *desk.serve);
  const std::filesystem::path& database = desk.desk.database;
  checkup.look("disk", "数据库所在的磁盘 / disk of the database",
               [&] { return command::look_at_folder(std::filesystem::absolute(database).parent_path(), least_free); });
  const std::string text = "本机数据库 / the desk's own database";
  if (!std::filesystem::exists(database)) {
    checkup.skipped("database", text, "not made yet");
    return checkup;
  }
  checkup.look("database", text, [&] {
    sqlite::check_whole(database, "QZ-CLI-026");
    return database.string() + " " + command::shown_octets(std::filesystem::file_size(database));
  });
  return checkup;
}

int doctor(const std::filesystem::path& config, command::Language language, bool json) {
  return command::tell(examine(config), language, json);
}

int bundle(const std::filesystem::path& config, const std::filesystem::path& out, command::Language language,
           bool json) {
  yaml::Diagnostics diagnostics;
  const DeskFile desk = load_desk(config, diagnostics);
  command::Bundle bundle(secrets_of(desk));
  bundle.add("version.txt", "版本与构建情况 / version and build", [] { return command::facts_text("qianzhi-desk"); });
  bundle.add("desk.yaml", "配置文件 / configuration file", [&] { return service::read_whole(config, "QZ-CLI-020"); });
  bundle.add("check.txt", "配置检查的结果 / what check says", [&] { return diagnostics.render(); });
  bundle.add("doctor.json", "逐项检查的结果 / what doctor says",
             [&] { return examine(config).rendered(language, true, false); });
  return command::finish(bundle, out, language, json);
}

}  // namespace qianzhi::desk
