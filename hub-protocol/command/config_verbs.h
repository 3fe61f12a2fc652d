// The verbs about a configuration file that all programs have: fmt and schema.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/command/program.h"
#include "hub-protocol/yaml/schema.h"

namespace qianzhi::command {

// Every key that a program's configuration may have.
struct ConfigReference {
  std::vector<std::string_view> texts;  // commented documents
  std::function<void(yaml::Schema&)> add;
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

// Adds both. line: filled in by the command line, must outlive the program.
void add_config_verbs(Program& program, FormatOptions& line, const ConfigReference& reference);

}  // namespace qianzhi::command
