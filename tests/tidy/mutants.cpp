#include <algorithm>
#include <sstream>

#include "tests/tidy/rules.h"

namespace qianzhi::tidy {

namespace {

constexpr std::string_view list = "tests/mutants/mutants.txt";
constexpr std::size_t mark_size = 3;  // "<<<" and ">>>"

struct Mutant {
  std::size_t line = 0;
  std::string file;
  std::string old;
};

std::vector<Mutant> mutants_in(const std::string& text) {
  enum class Part { none, file, old, replacement } part = Part::none;
  std::vector<Mutant> mutants;
  std::istringstream lines(text);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.rfind("== ", 0) == 0) {
      mutants.push_back({number, {}, {}});
      part = Part::file;
    } else if (line.rfind("<<<", 0) == 0 && !mutants.empty()) {
      mutants.back().old = line.substr(mark_size);
      part = Part::old;
    } else if (line.rfind(">>>", 0) == 0) {
      part = Part::replacement;
    } else if (part == Part::file && !line.empty()) {
      mutants.back().file = line;
    } else if (part == Part::old) {
      mutants.back().old += "\n" + line;
    }
  }
  return mutants;
}

bool is_there_once(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  return !part.empty() && at != std::string::npos && text.find(part, at + 1) == std::string::npos;
}

}  // namespace

Findings check_mutants_apply(const Tree& tree) {
  Findings findings;
  const auto file_of = [&](std::string_view path) {
    return std::find_if(tree.begin(), tree.end(), [&](const SourceFile& file) { return file.path == path; });
  };
  const auto mutants = file_of(list);
  if (mutants == tree.end()) return {{std::string(list), 0, "is missing"}};
  for (const Mutant& mutant : mutants_in(mutants->text)) {
    const auto file = file_of(mutant.file);
    if (file == tree.end() || !is_there_once(file->text, mutant.old))
      findings.push_back({std::string(list), mutant.line, "its text is not once in " + mutant.file});
  }
  return findings;
}

}  // namespace qianzhi::tidy
