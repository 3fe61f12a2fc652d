#include "agent/app/config_verbs.h"

#include <CLI/CLI.hpp>

namespace qianzhi::app {

void add_config_verbs(CLI::App& app, ConfigLine& line, const std::filesystem::path& config, const AddVerb& add,
                      const AskAgent& ask) {
  CLI::App* fmt = add(app, "fmt", "整理配置文件的格式，保留注释 / put a configuration file in order, comments kept",
                      [&line, &config] {
                        line.format.file = line.file.empty() ? config : line.file;
                        line.format.json = line.json;
                        return format_file(line.format);
                      });
  fmt->add_option("file", line.file, "文件，默认为配置文件 / file, else the configuration");
  fmt->add_flag("-t,--test", line.format.test, "只检查，不改文件 / only look; exit status 1 if it has another form");
  add(app, "schema", "打印带注释的全部键；--json 为 JSON Schema / every key explained; --json: for editors",
      [&line] { return print_schema(line.json); });
  CLI::App* test =
      add(app, "test", "执行配置中的 tests，不连接数据库 / carry out the tests in the configuration, offline",
          [&line, &config] {
            line.test.config = config;
            line.test.json = line.json;
            return run_tests(line.test);
          });
  test->add_option("--catalogue", line.test.catalogue, "目录文件夹 / folder of catalogue files");
  CLI::App* group = app.add_subcommand("config", "生效的配置 / the configuration in force");
  group->require_subcommand(1);
  add(*group, "show", "每个值和它所在的行，不显示秘密 / every value and its line, no secrets",
      [&line, &config] { return show_config(config, line.json); });
  CLI::App* reload =
      add(app, "reload",
          "检查并改用新的配置，不重启，完成后回答 / check the configuration and go on with it, without a restart",
          [&line, ask] {
            return ask({"reload", line.dry_run ? "dry-run" : ""}, line.json);
          });
  reload->add_flag("--dry-run", line.dry_run, "只显示会有什么变化 / only show what would be another");
}

}  // namespace qianzhi::app
