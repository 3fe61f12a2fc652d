#include "agent/app/config_commands.h"

#include <unistd.h>

#include <cstdio>
#include <optional>

#include "agent/app/config_text.h"
#include "agent/app/kept.h"
#include "agent/config/effective.h"
#include "agent/config/loader.h"
#include "agent/config/reference.h"
#include "hub-protocol/service/private_file.h"
#include "hub-protocol/yaml/format.h"
#include "hub-protocol/yaml/text_file.h"

namespace qianzhi::app {

namespace {

constexpr int not_as_it_should_be = 1;
constexpr int bad_configuration = 78;

int tell_findings(const yaml::Diagnostics& diagnostics, bool json) {
  const std::string text = json ? diagnostics.json() + "\n" : diagnostics.render(yaml::is_terminal(STDOUT_FILENO));
  std::fputs(text.c_str(), stdout);
  return bad_configuration;
}

void say(bool json, const char* word, const std::string& file, const char* zh, const char* en) {
  if (json)
    std::printf("{\"result\":\"%s\"}\n", word);
  else
    std::printf("%s / %s: %s\n", zh, en, file.c_str());
}

}  // namespace

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
    say(options.json, "other", name, "格式不规范，运行 qianzhi fmt 整理", "not in order: run qianzhi fmt");
    return not_as_it_should_be;
  }
  service::replace_alike(options.file, *formatted);
  say(options.json, "changed", name, "已整理，值和注释没有变", "put in order; values and comments are as they were");
  return 0;
}

int print_schema(bool json) {
  std::string text;
  if (json) {
    yaml::Schema schema;
    config::add_reference(schema);
    text = schema.json("qianzhi") + "\n";
  } else {
    for (const std::string_view part : config::reference_texts()) text.append(text.empty() ? "" : "\n").append(part);
  }
  std::fputs(text.c_str(), stdout);
  return 0;
}

int show_config(const std::filesystem::path& file, bool json) {
  yaml::Diagnostics diagnostics;
  const config::Effective effective = config::load_effective(file, diagnostics);
  if (diagnostics.has_errors()) return tell_findings(diagnostics, json);
  std::fputs((json ? settings_json(effective.settings) : settings_text(effective.settings)).c_str(), stdout);
  return 0;
}

int run_tests(const TestOptions& options) {
  yaml::Diagnostics diagnostics;
  const config::Config config = config::load_config(options.config, diagnostics);
  if (diagnostics.has_errors()) return tell_findings(diagnostics, options.json);
  const Catalogue catalogue = catalogue_for(config, options.catalogue);
  config::check_against(config, catalogue, diagnostics);
  if (diagnostics.has_errors()) return tell_findings(diagnostics, options.json);
  const std::vector<TrialResult> results = run_trials(config, catalogue);
  std::fputs((options.json ? trials_json(results) : trials_text(results)).c_str(), stdout);
  for (const TrialResult& result : results)
    if (!result.mismatches.empty()) return not_as_it_should_be;
  return 0;
}

}  // namespace qianzhi::app
