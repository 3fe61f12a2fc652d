#include <algorithm>
#include <cctype>
#include <set>

#include "tests/tidy/code.h"
#include "tests/tidy/rules.h"

namespace qianzhi::tidy {

namespace {

// Written in halves, so that this file obeys its own rule.
const std::vector<std::string> leftover_words = {
    "TO"
    "DO",
    "FIX"
    "ME",
    "X"
    "XX",
    "HA"
    "CK"};
const std::vector<std::string> leftover_phrases = {
    "for "
    "now",
    "not "
    "implemented",
    "work in "
    "progress"};
const std::vector<std::string> machine_paths = {
    "/wo"
    "rk/",
    "/ho"
    "me/",
    "/ro"
    "ot/",
    "/Us"
    "ers/",
    ":\\Us"
    "ers"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

bool is_path_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.' || c == '/';
}

// "hub-protocol/PROTOCOL.md" for the place of ".md" in the line.
std::string document_at(std::string_view line, std::size_t ending) {
  std::size_t begin = ending;
  while (begin > 0 && is_path_character(line[begin - 1])) --begin;
  return std::string(line.substr(begin, ending + 3 - begin));
}

std::string name_of_path(const std::string& path) { return std::filesystem::path(path).filename().string(); }

template <class Visit>
void each_line(const Tree& tree, const Visit& visit) {
  for (const SourceFile& file : tree) {
    if (file.path == "LICENSE") continue;
    std::size_t number = 0;
    for (const std::string& line : lines_of(file.text)) visit(file, ++number, line);
  }
}

}  // namespace

Findings check_leftover_words(const Tree& tree) {
  Findings findings;
  each_line(tree, [&](const SourceFile& file, std::size_t number, const std::string& line) {
    for (const std::string& word : leftover_words)
      if (find_word(line, word) != std::string::npos) findings.push_back({file.path, number, "leftover: " + word});
    const std::string small = lower(line);
    for (const std::string& phrase : leftover_phrases)
      if (find_word(small, phrase) != std::string::npos) findings.push_back({file.path, number, "leftover: " + phrase});
  });
  return findings;
}

Findings check_machine_paths(const Tree& tree) {
  Findings findings;
  each_line(tree, [&](const SourceFile& file, std::size_t number, const std::string& line) {
    for (const std::string& path : machine_paths)
      for (std::size_t at = line.find(path); at != std::string::npos; at = line.find(path, at + 1))
        if (at == 0 || std::isalnum(static_cast<unsigned char>(line[at - 1])) == 0)
          findings.push_back({file.path, number, "a path of one machine: " + path});
  });
  return findings;
}

Findings check_documents_exist(const Tree& tree) {
  // Made of the texts of codes when packages are built.
  std::set<std::string> names = {"HANDBOOK.md"};
  for (const SourceFile& file : tree) names.insert(name_of_path(file.path));
  Findings findings;
  each_line(tree, [&](const SourceFile& file, std::size_t number, const std::string& line) {
    // What is a document's name in a comment may be anything in a program's literal.
    if (is_cpp(file) && line.find("//") == std::string::npos) return;
    for (std::size_t at = line.find(".md"); at != std::string::npos; at = line.find(".md", at + 1)) {
      if (at + 3 < line.size() && is_path_character(line[at + 3]) && line[at + 3] != '.') continue;
      const std::string document = document_at(line, at);
      if (document.size() > 3 && names.count(name_of_path(document)) == 0)
        findings.push_back({file.path, number, document + " is not here"});
    }
  });
  return findings;
}

}  // namespace qianzhi::tidy
