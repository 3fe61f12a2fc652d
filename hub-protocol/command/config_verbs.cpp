#include "hub-protocol/command/config_verbs.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>

#include "hub-protocol/command/settings.h"
#include "hub-protocol/service/private_file.h"
#include "hub-protocol/yaml/format.h"
#include "hub-protocol/yaml/text_file.h"

namespace qianzhi::command {

namespace {

constexpr int not_as_it_should_be = 1;
constexpr int bad_configuration = 78;

void say(bool json, const char* word, const std::string& file, const std::string& zh, const std::string& en) {
  if (json)
    std::printf("{\"result\":\"%s\"}\n", word);
  else
    std::printf("%s / %s: %s\n", zh.c_str(), en.c_str(), file.c_str());
}

}  // namespace

int tell_findings(const yaml::Diagnostics& diagnostics, bool json) {
  const std::string text = json ? diagnostics.json() + "\n" : diagnostics.render(yaml::is_terminal(STDOUT_FILENO));
  std::fputs(text.c_str(), stdout);
  return bad_configuration;
}

int format_file(const FormatOptions& options) {
  yaml::Diagnostics diagnostics;
  const auto text = yaml::read_text_file(options.file, diagnostics);
  const auto formatted = text ? yaml::format_document(options.file, *text, diagnostics) : std::nullopt;
  if (!formatted) return tell_findings(diagnostics, options.json);
  const std::string name = options.file.string();
  if (*formatted == *text) {
    say(options.json, "good", name, "格式已经规范", "nothing to put in order");
    return 0;
  }
  if (options.test) {
    say(options.json, "other", name, "格式不规范，运行 " + options.program + " fmt 整理",
        "not in order: run " + options.program + " fmt");
    return not_as_it_should_be;
  }
  service::replace_alike(options.file, *formatted);
  say(options.json, "changed", name, "已整理，值和注释没有变", "put in order; values and comments are as they were");
  return 0;
}

int print_schema(const std::string& program, const ConfigReference& reference, bool json) {
  std::string text;
  if (json) {
    yaml::Schema schema;
    reference.add(schema);
    text = schema.json(program) + "\n";
  } else {
    for (const std::string_view part : reference.texts) text.append(text.empty() ? "" : "\n").append(part);
  }
  std::fputs(text.c_str(), stdout);
  return 0;
}

int show_config(const std::filesystem::path& file, const LoadSettings& load, bool json) {
  yaml::Diagnostics diagnostics;
  const std::vector<yaml::Setting> settings = load(file, diagnostics);
  if (diagnostics.has_errors()) return tell_findings(diagnostics, json);
  std::fputs((json ? settings_json(settings) : settings_text(settings)).c_str(), stdout);
  return 0;
}

void add_config_verbs(Program& program, FormatOptions& line, const ConfigReference& reference) {
  line.program = program.top().get_name();
  CLI::App* fmt = program.verb(program.top(), "fmt",
                               "整理配置文件的格式，保留注释 / put a configuration file in order, comments kept",
                               [&program, &line] {
                                 FormatOptions options = line;
                                 if (options.file.empty()) options.file = program.config();
                                 options.json = program.json();
                                 return format_file(options);
                               });
  fmt->add_option("file", line.file, "文件，默认为配置文件 / file, else the configuration");
  fmt->add_flag("-t,--test", line.test, "只检查，不改文件 / only look; exit status 1 if it has another form");
  program.verb(program.top(), "schema",
               "打印带注释的全部键；--json 为 JSON Schema / every key explained; --json: for editors",
               [&program, &line, reference] { return print_schema(line.program, reference, program.json()); });
  CLI::App* group = program.group(program.top(), "config", "生效的配置 / the configuration in force");
  program.verb(*group, "show", "每个值和它所在的行，不显示秘密 / every value and its line, no secrets",
               [&program, reference] { return show_config(program.config(), reference.settings, program.json()); });
}

}  // namespace qianzhi::command
