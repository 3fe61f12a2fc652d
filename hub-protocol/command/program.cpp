#include "hub-protocol/command/program.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <map>
#include <set>

#include "hub-protocol/base/error.h"
#include "hub-protocol/command/builtin.h"
#include "hub-protocol/command/captured.h"
#include "hub-protocol/command/help.h"
#include "hub-protocol/command/nearest.h"
#include "hub-protocol/command/outcome.h"
#include "hub-protocol/command/terminal.h"

namespace qianzhi::command {

struct Program::State {
  explicit State(const std::string& text, const std::string& program) : app(text, program), name(program) {}

  CLI::App app;
  std::string name;
  std::filesystem::path config;
  bool json = false;
  std::string language_name;
  Language language = language_of_environment();
  std::vector<std::string> words;
  std::function<int()> action;
  const CLI::App* chosen = nullptr;
  std::map<const CLI::App*, std::vector<Example>> examples;
  std::set<const CLI::App*> streaming;
  BuiltIn builtin;
};

namespace {

// Where parsing came to: the last verb that was understood.
const CLI::App& deepest(const CLI::App& app) {
  const std::vector<CLI::App*> below = app.get_subcommands();
  return below.empty() ? app : deepest(*below.back());
}

std::string path_of_app(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : path_of_app(*app.get_parent()) + " " + app.get_name();
}

const VerbInfo* find_verb_info(const VerbInfo& top, const std::string& path) {
  const VerbInfo* found = nullptr;
  each_verb(top, [&](const VerbInfo& verb) {
    if (verb.path == path) found = &verb;
  });
  return found;
}

std::vector<std::string> option_names(const VerbInfo& verb, const VerbInfo& top) {
  std::vector<std::string> names{"--help"};
  for (const VerbInfo* one : {&verb, &top})
    for (const OptionInfo& option : one->options) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

// What is wrong with a command line, with the nearest word that would be right.
Error wrong_line(const CLI::App& app, const CLI::ParseError& error, const VerbInfo& top) {
  const CLI::App& at = deepest(app);
  const VerbInfo* verb = find_verb_info(top, path_of_app(at));
  if (verb == nullptr) verb = &top;
  const std::vector<std::string> left = app.remaining(true);
  std::string unknown;
  for (const std::string& word : left)
    if (unknown.empty()) unknown = word;
  const std::string where = "  (" + verb->path + " --help)";
  if (unknown.empty()) return {ErrorKind::misuse, "QZ-CLI-003", error.what() + where};
  const bool is_option = unknown.front() == '-';
  if (!is_option && verb->verbs.empty())
    return {ErrorKind::misuse, "QZ-CLI-003", "\"" + unknown.substr(0, 64) + "\"" + where};
  std::vector<std::string> known;
  if (is_option) known = option_names(*verb, top);
  if (!is_option)
    for (const VerbInfo& below : verb->verbs) known.push_back(below.name());
  const std::string near = nearest(unknown.substr(0, unknown.find('=')), known);
  return {ErrorKind::misuse, is_option ? "QZ-CLI-002" : "QZ-CLI-001",
          (is_option ? unknown : verb->path + " " + unknown).substr(0, 128) + where,
          near.empty() ? "" : "是否想写 / did you mean: " + near};
}

// A file that is there but not for this user is no fault of the file.
void look_for_permission(const std::filesystem::path& config) {
  if (access(config.c_str(), R_OK) != 0 && errno == EACCES)
    throw Error(ErrorKind::misuse, "QZ-CLI-011", config.string());
}

// Options of every verb may stand anywhere, and values of other options may look like them.
std::vector<std::string> words_of_verb(int count, char** values) {
  std::vector<std::string> words;
  for (int i = 1; i < count; ++i) {
    const std::string word = values[i];
    if (word == "-c" || word == "--config" || word == "--lang")
      ++i;
    else if (word != "--json" && word.compare(0, 9, "--config=") != 0 && word.compare(0, 7, "--lang=") != 0)
      words.push_back(word);
  }
  return words;
}

}  // namespace

Program::Program(const std::string& name, const std::string& text, std::filesystem::path config)
    : state_(std::make_unique<State>(text, name)) {
  state_->config = std::move(config);
  CLI::App& app = state_->app;
  app.set_help_flag("-h,--help", "显示说明 / show this help");
  app.fallthrough();
  app.add_option("-c,--config", state_->config, "配置文件 / configuration file")
      ->type_name("FILE")
      ->default_str(state_->config.string());
  app.add_flag("--json", state_->json, "以一个 JSON 值回答 / answer with one JSON value");
  app.add_option("--lang", state_->language_name, "说明的语言 / language of what is told")
      ->check(CLI::IsMember({"zh", "en", "both"}))
      ->type_name("LANGUAGE");
  app.set_version_flag("--version", name + " " + QIANZHI_VERSION, "版本 / version");
  app.require_subcommand(0, 1);
  add_builtin(*this, state_->builtin);
}

Program::~Program() = default;

CLI::App& Program::top() { return state_->app; }

CLI::App* Program::verb(CLI::App& parent, const std::string& name, const std::string& text,
                        std::function<int()> action) {
  CLI::App* sub = parent.add_subcommand(name, text);
  sub->require_subcommand(0, 1);
  sub->final_callback([this, sub, action = std::move(action)] {
    state_->action = action;
    state_->chosen = sub;
  });
  return sub;
}

CLI::App* Program::group(CLI::App& parent, const std::string& name, const std::string& text) {
  return parent.add_subcommand(name, text)->require_subcommand(1);
}

void Program::example(const CLI::App* verb, const std::string& line, const std::string& text) {
  state_->examples[verb].push_back({line, text});
}

void Program::streams(const CLI::App* verb) { state_->streaming.insert(verb); }

int Program::run(int count, char** values) {
  State& state = *state_;
  state.words = words_of_verb(count, values);
  const VerbInfo top = table();
  const auto print_help = [&](std::FILE* out) {
    const VerbInfo* verb = find_verb_info(top, path_of_app(deepest(state.app)));
    std::fputs(help_of(verb == nullptr ? top : *verb, top, state.language, wants_colour(out)).c_str(), out);
  };
  const auto know_language = [&] {
    for (int i = 1; i < count; ++i)
      if (std::string(values[i]) == "--json") state.json = true;
    for (int i = 1; i + 1 < count; ++i)
      if (std::string(values[i]) == "--lang") state.language = language_named(values[i + 1]);
  };
  know_language();
  try {
    state.app.parse(count, values);
    if (!state.action) {
      print_help(stdout);
      return status_usage;
    }
  } catch (const CLI::CallForHelp&) {
    print_help(stdout);
    return status_good;
  } catch (const CLI::CallForVersion& version) {
    std::printf("%s\n", version.what());
    return status_good;
  } catch (const CLI::ParseError& error) {
    const CLI::App& at = deepest(state.app);
    const bool names_no_verb = state.app.remaining(true).empty() && at.get_require_subcommand_min() != 0;
    if (!names_no_verb || state.json) return tell(wrong_line(state.app, error, top), state.language, state.json);
    print_help(stderr);
    return status_usage;
  }
  if (!state.language_name.empty()) state.language = language_named(state.language_name);
  try {
    if (state.builtin.verbs.count(state.chosen) == 0) look_for_permission(state.config);
    if (!state.json || state.streaming.count(state.chosen) != 0) return state.action();
    return run_captured(state.action);
  } catch (const Error& error) {
    return tell(error, state.language, state.json);
  }
}

const std::filesystem::path& Program::config() const { return state_->config; }
bool Program::json() const { return state_->json; }
Language Program::language() const { return state_->language; }
const std::vector<std::string>& Program::words() const { return state_->words; }

VerbInfo Program::table() const {
  return table_of(state_->app, state_->name, [this](const CLI::App& app) {
    const auto found = state_->examples.find(&app);
    return found == state_->examples.end() ? std::vector<Example>{} : found->second;
  });
}

void require_consent(bool yes, const std::string& reason, const std::string& does) {
  if (!yes || reason.empty()) throw Error(ErrorKind::misuse, "QZ-CLI-005", does, "--yes --reason TEXT");
}

}  // namespace qianzhi::command
