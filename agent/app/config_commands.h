// The verbs about the configuration file itself. Exit status as of commands.h.
#pragma once

#include <filesystem>
#include <string>

namespace qianzhi::app {

struct FormatOptions {
  std::filesystem::path file;
  bool test = false;  // only says whether the file has the form
  bool json = false;
};
// Puts the file in order in place, mode and owner kept. 1: with `test`, the file has another form.
int format_file(const FormatOptions& options);

// The commented reference, or with json the JSON Schema.
int print_schema(bool json);

// Every value in force, with its line.
int show_config(const std::filesystem::path& file, bool json);

struct TestOptions {
  std::filesystem::path config;
  std::filesystem::path catalogue;  // files; else the directory that the agent keeps
  bool json = false;
};
// Carries out `tests:` of the configuration. 1: one failed.
int run_tests(const TestOptions& options);

}  // namespace qianzhi::app
