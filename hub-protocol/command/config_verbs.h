// The verbs about a configuration file that all programs have: fmt, schema and config show.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/command/program.h"
#include "hub-protocol/yaml/record.h"
#include "hub-protocol/yaml/schema.h"

namespace qianzhi::command {

// Reads the file as the program does. With errors in diagnostics what it gives is not used.
using LoadSettings = std::function<std::vector<yaml::Setting>(const std::filesystem::path&, yaml::Diagnostics&)>;

// Every key that a program's configuration may have, and those in force.
struct ConfigReference {
  std::vector<std::string_view> texts;  // commented documents
  std::function<void(yaml::Schema&)> add;
  LoadSettings settings;
};

struct FormatOptions {
  std::string program;  // for what is said to people
  std::filesystem::path file;
  bool test = false;  // only says whether the file has the form
  bool json = false;
};
// Puts the file in order in place, mode and owner kept. Exit status; 1: with `test`, the file has another form.
int format_file(const FormatOptions& options);

// The commented documents, or with json the JSON Schema.
int print_schema(const std::string& program, const ConfigReference& reference, bool json);

// What is wrong with a configuration, to standard output; the exit status, 78.
int tell_findings(const yaml::Diagnostics& diagnostics, bool json);

// Every value in force with its line, what is not written too. Exit status; 78: the findings are told instead.
int show_config(const std::filesystem::path& file, const LoadSettings& load, bool json);

// Adds all of them. line: filled in by the command line, must outlive the program.
void add_config_verbs(Program& program, FormatOptions& line, const ConfigReference& reference);

}  // namespace qianzhi::command
