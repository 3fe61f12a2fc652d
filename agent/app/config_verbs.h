// fmt, schema, test, config and reload on the command line of the program qianzhi.
#pragma once

#include <filesystem>

#include "agent/app/config_commands.h"
#include "agent/app/matter_verbs.h"

namespace qianzhi::app {

// What their options fill in.
struct ConfigLine {
  std::filesystem::path file;  // fmt; empty: the configuration
  FormatOptions format;
  TestOptions test;
  bool json = false;
  bool dry_run = false;
};

// line and config must live until what was parsed is carried out.
void add_config_verbs(CLI::App& app, ConfigLine& line, const std::filesystem::path& config, const AddVerb& add,
                      const AskAgent& ask);

}  // namespace qianzhi::app
