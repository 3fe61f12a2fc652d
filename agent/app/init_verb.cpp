#include <CLI/CLI.hpp>

#include "agent/app/init_command.h"

namespace qianzhi::app {

void add_first_verbs(CLI::App& app, InitCommand& line, const std::filesystem::path& config, const AddVerb& add) {
  CLI::App* verb = add(app, "init", "问几个问题，写出最小的配置 / ask a little and write the smallest configuration",
                       [&line, &config] {
                         line.config = config;
                         return init(line);
                       });
  verb->add_option("--token", line.token, "注册码；没有则用已有身份 / token; without it an identity is there already");
  verb->add_option("--hub", line.hub, "主机:端口 / HOST:PORT, else the token's");
  verb->add_option("--identity", line.identity, "身份文件夹 / folder of the identity")->capture_default_str();
  verb->add_option("--type", line.type, "postgresql | mysql | sqlite | odbc");
  verb->add_option("--set", line.settings, "数据库的设置 / a setting of the database: KEY=VALUE")->take_all();
  verb->add_option("--password-file", line.password_file, "数据库密码所在文件 / file with the database's password");
  verb->add_option("--publish", line.publish, "主题=表 / TOPIC=TABLE")->take_all();
  verb->add_option("--receive", line.receive, "收到哪里 / where to: none | same | SQLite file");
  verb->add_option("--page", line.page, "状态页端口，0 为任意 / port of the status page, 0: any")
      ->capture_default_str();
  verb->add_flag("--yes", line.yes, "不提问 / ask nothing");
  verb->add_flag("--force", line.force, "覆盖已有配置 / in the place of a configuration that is there");
  // What follows is for that program, which has options and help of its own.
  CLI::App* show =
      add(app, "demo", "用完即弃的演示：一个中心、几个部门，不需要 root 和网络 / a throw-away exchange to look at",
          [&app] { return demo(app.get_subcommand("demo")->remaining()); });
  show->fallthrough(false)->prefix_command();
  show->set_help_flag();
}

}  // namespace qianzhi::app
