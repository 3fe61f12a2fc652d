#include "hub-protocol/command/builtin.h"

#include <Poco/JSON/Object.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <sstream>

#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/handbook.h"
#include "hub-protocol/command/completion.h"
#include "hub-protocol/command/explain.h"
#include "hub-protocol/command/facts.h"
#include "hub-protocol/command/help.h"
#include "hub-protocol/command/manual.h"
#include "hub-protocol/command/nearest.h"
#include "hub-protocol/command/program.h"
#include "hub-protocol/command/terminal.h"

namespace qianzhi::command {

namespace {

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return 0;
}

int print_help(const Program& program, const std::vector<std::string>& path) {
  const VerbInfo top = program.table();
  const VerbInfo* at = &top;
  for (const std::string& name : path) {
    const VerbInfo* next = nullptr;
    std::vector<std::string> known;
    for (const VerbInfo& verb : at->verbs) {
      known.push_back(verb.name());
      if (verb.name() == name) next = &verb;
    }
    const std::string near = nearest(name, known);
    if (next == nullptr)
      throw Error(ErrorKind::misuse, "QZ-CLI-001", at->path + " " + name.substr(0, 64),
                  near.empty() ? "" : "是否想写 / did you mean: " + near);
    at = next;
  }
  if (program.json()) return print(json_of(*at));
  return print(help_of(*at, top, program.language(), wants_colour(stdout)));
}

std::string version_of(const Program& program) {
  const VerbInfo top = program.table();
  Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  std::string text = top.path + " " + QIANZHI_VERSION + "\n";
  object.set("program", top.path);
  object.set("version", QIANZHI_VERSION);
  for (const Fact& fact : build_facts()) {
    object.set(fact.name, fact.value);
    text += padded("  " + in_language(fact.text, program.language()), 30) + fact.value + "\n";
  }
  if (!program.json()) return text;
  std::ostringstream out;
  object.stringify(out);
  return out.str() + "\n";
}

}  // namespace

void add_builtin(Program& program, BuiltIn& line) {
  CLI::App& top = program.top();
  const std::string name = top.get_name();
  CLI::App* explain =
      program.verb(top, "explain", "解释错误代码；不写代码则列出全部 / explain a code, or list them all", [&] {
        if (line.handbook) return print(handbook_markdown());
        return print(line.code.empty() ? all_codes(line.part, program.language(), program.json())
                                       : explained(line.code, program.language(), program.json()));
      });
  explain->add_option("code", line.code, "代码，如 QZ-CFG-012 / code");
  explain->add_option("--find", line.part, "只列出含有这些字的代码 / only codes that hold this text");
  explain->add_flag("--handbook", line.handbook,
                    "全部代码的手册，Markdown，中英文 / the handbook of all codes, Markdown");
  program.example(explain, name + " explain QZ-LINK-003");
  program.example(explain, name + " explain --find QZ-LINK", "列出与连接有关的代码 / list what has to do with links");
  CLI::App* completion = program.verb(top, "completion", "打印命令补全脚本 / print the completion for a shell",
                                      [&] { return print(completion_of(program.table(), line.shell)); });
  completion->add_option("shell", line.shell, "命令解释器 / shell")->required()->check(CLI::IsMember({"bash", "zsh"}));
  program.example(completion, "source <(" + name + " completion bash)", "本次会话启用 / for this session");
  CLI::App* manual = program.verb(top, "man", "打印手册页（roff） / print the manual page (roff)", [&] {
    const Language language = program.language() == Language::zh ? Language::zh : Language::en;
    return print(manual_of(program.table(), language));
  });
  program.example(manual, name + " man --lang zh | man -l -", "阅读手册 / read it");
  CLI::App* version = program.verb(top, "version", "版本与构建情况 / version and how it was built",
                                   [&] { return print(version_of(program)); });
  CLI::App* help =
      program.verb(top, "help", "一个命令的说明 / help of a verb", [&] { return print_help(program, line.path); });
  help->add_option("verb", line.path, "命令 / verb");
  line.verbs = {explain, completion, manual, version, help};
}

}  // namespace qianzhi::command
