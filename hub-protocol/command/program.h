// One program's command line: its verbs with all that they share. Verbs are declared on the parser of CLI11, each text
// as "中文 / English"; everything else (help, completion, manual pages, did-you-mean) is made of that one table.
//
// Every verb has -c/--config, --json, --lang and --help; every program has explain, completion, man, version and help.
// With --json a verb prints exactly one JSON value: its own, or {"status":N,"text":"..."} for one that answers with
// text. An error is one JSON object on standard output (outcome.h).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub-protocol/command/language.h"
#include "hub-protocol/command/table.h"

namespace CLI {
class App;
}

namespace qianzhi::command {

class Program {
 public:
  // config: the standard configuration file.
  Program(const std::string& name, const std::string& text, std::filesystem::path config);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  CLI::App& top();
  // Below parent; carried out by run().
  CLI::App* verb(CLI::App& parent, const std::string& name, const std::string& text, std::function<int()> action);
  // Verbs that belong together, such as `quarantine`: one of them must follow.
  CLI::App* group(CLI::App& parent, const std::string& name, const std::string& text);
  void example(const CLI::App* verb, const std::string& line, const std::string& text = {});
  // It prints as long as it runs: with --json a JSON value a line.
  void streams(const CLI::App* verb);

  // Parses, carries out and tells what failed. Returns the exit status (outcome.h).
  int run(int count, char** values);

  // What the command line says; valid while a verb is carried out.
  const std::filesystem::path& config() const;
  bool json() const;
  Language language() const;
  // As typed behind the program's name, without the options that every verb has.
  const std::vector<std::string>& words() const;
  VerbInfo table() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A verb that changes what cannot be changed back needs both; `does` says what it would do. Throws Error(misuse,
// QZ-CLI-005), which says that nothing was done.
void require_consent(bool yes, const std::string& reason, const std::string& does);

}  // namespace qianzhi::command
