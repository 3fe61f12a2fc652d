#include <algorithm>
#include <set>

#include "tests/tidy/code.h"
#include "tests/tidy/rules.h"

namespace qianzhi::tidy {

namespace {

const std::set<std::string, std::less<>> top_level = {
    ".ci",       ".clang-format", ".clang-tidy", ".gitignore", "CMakeLists.txt", "CMakePresets.json", "LICENSE",
    "README.md", "adapters",      "agent",       "conf",       "hub-protocol",   "packaging",         "tests"};

const std::vector<std::string> setup_commands = {"packaging/quickstart", "packaging/test"};

bool mentions_any(std::string_view text, const std::vector<std::string_view>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// Commands in the shell blocks of a Markdown text.
std::vector<std::string> shell_commands(std::string_view text) {
  std::vector<std::string> commands;
  bool inside = false;
  for (const std::string& line : lines_of(text)) {
    if (line.substr(0, 3) == "```")
      inside = !inside && (line == "```sh" || line == "```bash" || line == "```console");
    else if (inside && !line.empty() && line[0] != '#')
      commands.push_back(line);
  }
  return commands;
}

std::string joined(const std::vector<std::string>& lines, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i <= end && i <= lines.size(); ++i) text += lines[i - 1] + "\n";
  return text;
}

struct Body {
  std::string path;
  std::string name;
  std::string text;
  std::size_t line = 0;
};

std::string name_of(std::string_view head) {
  const std::size_t end = head.find('(');
  const std::size_t begin = head.substr(0, end).find_last_of(" *&:");
  return std::string(head.substr(begin == std::string_view::npos ? 0 : begin + 1, end - begin - 1));
}

bool asserts(const Body& body, const std::set<std::string>& helpers) {
  if (mentions_any(body.text, {"REQUIRE", "CHECK", "FAIL"})) return true;
  return std::any_of(helpers.begin(), helpers.end(), [&](const std::string& helper) {
    const std::size_t begin = body.text.find('{');
    return find_word(body.text, helper, begin == std::string::npos ? 0 : begin) != std::string::npos;
  });
}

// Names of helpers that assert, also through other helpers.
std::set<std::string> asserting_among(const std::vector<Body>& helpers) {
  std::set<std::string> names;
  for (bool grew = true; grew;) {
    grew = false;
    for (const Body& helper : helpers)
      if (names.count(helper.name) == 0 && asserts(helper, names)) grew = names.insert(helper.name).second;
  }
  return names;
}

}  // namespace

Findings check_top_level(const std::vector<std::string>& names) {
  Findings findings;
  for (const std::string& name : names)
    if (top_level.count(name) == 0) findings.push_back({name, 0, "does not belong at the root"});
  for (const std::string& name : top_level)
    if (std::find(names.begin(), names.end(), name) == names.end()) findings.push_back({name, 0, "is missing"});
  return findings;
}

Findings check_readme(const Tree& tree) {
  for (const SourceFile& file : tree)
    if (file.path == "README.md")
      return shell_commands(file.text) == setup_commands
                 ? Findings{}
                 : Findings{
                       {file.path, 0, "must show exactly two set-up commands: packaging/quickstart, packaging/test"}};
  return {{"README.md", 0, "is missing"}};
}

Findings check_headers(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_header(file)) continue;
    if (file.text.substr(0, 2) != "//") findings.push_back({file.path, 1, "a header begins with what it is for"});
    const Code code = take_apart(file.text);
    std::string first;
    for (std::size_t i = 0; i < code.plain.size(); ++i) {
      if (first.empty()) first = code.plain[i];
      if (code.plain[i].find("using namespace") != std::string::npos)
        findings.push_back({file.path, i + 1, "using namespace in a header reaches everyone who includes it"});
    }
    if (first != "#pragma once") findings.push_back({file.path, 0, "#pragma once comes before all code"});
  }
  return findings;
}

Findings check_scripts(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    const bool script = file.text.substr(0, 2) == "#!";
    if (!script) continue;
    if (!file.executable) findings.push_back({file.path, 1, "is a script but not executable"});
    const auto first = lines_of(file.text).front();
    // What a package runs on installation is plain sh, which knows no pipefail, around snippets that do without -u.
    const bool posix = first == "#!/bin/sh";
    if (posix && !mentions_any(file.text, {"\nset -e\n"}))
      findings.push_back({file.path, 2, "a script of plain sh begins with: set -e"});
    const bool shell = !posix && first.find("sh") != std::string::npos;
    if (shell && !mentions_any(file.text, {"set -euo pipefail", "/common.sh\""}))
      findings.push_back({file.path, 2, "a script begins with: set -euo pipefail"});
  }
  return findings;
}

Findings check_tests_assert(const Tree& tree) {
  std::vector<Body> tests;
  std::vector<Body> helpers;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file) || !starts_with_any(file.path, {"tests/"})) continue;
    const Code code = take_apart(file.text);
    for (const Function& function : functions_of(code)) {
      Body body{file.path, name_of(function.head), joined(code.plain, function.begin, function.end), function.begin};
      (body.name == "TEST_CASE" || body.name == "SCENARIO" ? tests : helpers).push_back(std::move(body));
    }
  }
  const std::set<std::string> asserting = asserting_among(helpers);
  Findings findings;
  for (const Body& test : tests)
    if (!asserts(test, asserting))
      findings.push_back({test.path, test.line, "a test that asserts nothing cannot fail"});
  return findings;
}

Findings check_test_names(const Tree& tree) {
  constexpr std::string_view opening = "TEST_CASE(";
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file) || !starts_with_any(file.path, {"tests/"})) continue;
    for (std::size_t at = file.text.find(opening); at != std::string::npos; at = file.text.find(opening, at + 1)) {
      if (at != 0 && file.text[at - 1] != '\n') continue;  // a word about one
      bool is_quoted = false;
      for (std::size_t i = at + opening.size(); i < file.text.size(); ++i) {
        const char c = file.text[i];
        if (c == '"') is_quoted = !is_quoted;
        if (!is_quoted && (c == ',' || c == ')')) break;
        if (!is_quoted || c != ';') continue;
        const auto line = static_cast<std::size_t>(
            std::count(file.text.begin(), file.text.begin() + static_cast<std::ptrdiff_t>(i), '\n'));
        findings.push_back({file.path, line + 1, "CMake takes a test's name apart at a semicolon"});
        break;
      }
    }
  }
  return findings;
}

Findings check_filters_match(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (is_cpp(file) || !starts_with_any(file.path, {"tests/"})) continue;
    const std::vector<std::string> lines = lines_of(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (lines[i].rfind("add_test(", 0) == 0 && lines[i].find("_test \"") != std::string::npos &&
          lines[i].find("-w NoTests") == std::string::npos)
        findings.push_back({file.path, i + 1, "a filter that matches no test passes: add -w NoTests"});
  }
  return findings;
}

}  // namespace qianzhi::tidy
