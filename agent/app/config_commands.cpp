#include "agent/app/config_commands.h"

#include <cstdio>

#include "agent/app/config_text.h"
#include "agent/app/kept.h"
#include "agent/config/effective.h"
#include "agent/config/loader.h"
#include "agent/config/reference.h"
#include "hub-protocol/command/config_verbs.h"

namespace qianzhi::app {

namespace {

constexpr int not_as_it_should_be = 1;

}  // namespace

int format_file(const FormatOptions& options) {
  return command::format_file({"qianzhi", options.file, options.test, options.json});
}

int print_schema(bool json) {
  return command::print_schema("qianzhi", {config::reference_texts(), config::add_reference, {}}, json);
}

int show_config(const std::filesystem::path& file, bool json) {
  const auto settings = [](const std::filesystem::path& from, yaml::Diagnostics& diagnostics) {
    return config::load_effective(from, diagnostics).settings;
  };
  return command::show_config(file, settings, json);
}

int run_tests(const TestOptions& options) {
  yaml::Diagnostics diagnostics;
  const config::Config config = config::load_config(options.config, diagnostics);
  if (diagnostics.has_errors()) return command::tell_findings(diagnostics, options.json);
  const Catalogue catalogue = catalogue_for(config, options.catalogue);
  config::check_against(config, catalogue, diagnostics);
  if (diagnostics.has_errors()) return command::tell_findings(diagnostics, options.json);
  const std::vector<TrialResult> results = run_trials(config, catalogue);
  std::fputs((options.json ? trials_json(results) : trials_text(results)).c_str(), stdout);
  for (const TrialResult& result : results)
    if (!result.mismatches.empty()) return not_as_it_should_be;
  return 0;
}

}  // namespace qianzhi::app
