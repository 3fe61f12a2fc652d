#include "agent/desk/app/doctor_command.h"

#include <cstdio>

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

}  // namespace

Checkup examine(const std::filesystem::path& file) {
  Checkup checkup;
  yaml::Diagnostics diagnostics;
  const DeskFile desk = load_desk(file, diagnostics);
  if (diagnostics.has_errors()) {
    checkup.add({Mark::failed, "configuration", "配置 / configuration", "QZ-CLI-030", file.string(),
                 "qianzhi-desk check -c " + file.string()});
    return checkup;
  }
  checkup.good("configuration", "配置 / configuration", file.string());
  for (const ReceivedFile& received : desk.desk.received)
    checkup.look("received", "收到的数据 / received data " + received.name,
                 [&] { return command::look_at_file(received.file); });
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
  const Checkup checkup = examine(config);
  std::fputs(checkup.rendered(language, json, command::wants_colour(stdout)).c_str(), stdout);
  return checkup.is_good() ? command::status_good : command::status_failed;
}

int bundle(const std::filesystem::path& config, const std::filesystem::path& out, command::Language language,
           bool json) {
  command::Bundle bundle({});
  bundle.add("version.txt", "版本与构建情况 / version and build", [] { return command::facts_text("qianzhi-desk"); });
  bundle.add("desk.yaml", "配置文件 / configuration file", [&] { return service::read_whole(config, "QZ-CLI-020"); });
  bundle.add("doctor.json", "逐项检查的结果 / what doctor says",
             [&] { return examine(config).rendered(language, true, false); });
  return command::finish(bundle, out, language, json);
}

}  // namespace qianzhi::desk
