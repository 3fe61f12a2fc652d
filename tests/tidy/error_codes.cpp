#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "tests/tidy/code.h"
#include "tests/tidy/rules.h"

namespace qianzhi::tidy {

namespace {

constexpr std::string_view folder_of_codes = "hub-protocol/base/codes/";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

// Length of "QZ-AREA-NNN" at the start of the text, or 0.
std::size_t code_length(std::string_view text) {
  if (text.substr(0, 3) != "QZ-") return 0;
  std::size_t at = 3;
  while (at < text.size() && is_capital(text[at])) ++at;
  if (at < 5 || at + 4 > text.size() || text[at] != '-') return 0;
  for (std::size_t i = at + 1; i < at + 4; ++i)
    if (!is_digit(text[i])) return 0;
  if (at + 4 < text.size() && is_digit(text[at + 4])) return 0;
  return at + 4;
}

bool has_han(std::string_view text) {
  // U+4E00 to U+9FFF are the three-octet sequences E4 B8 80 to E9 BF BF.
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet >= 0xE4U && octet <= 0xE9U;
  });
}

void check_text(Findings& findings, const Explanation& entry, std::string_view field, std::string_view text, bool zh) {
  const std::string code(entry.code);
  if (text.empty()) findings.push_back({code, 0, std::string(field) + " is empty"});
  if (!text.empty() && zh && !has_han(text)) findings.push_back({code, 0, std::string(field) + " is not Chinese"});
  if (!zh && has_han(text)) findings.push_back({code, 0, std::string(field) + " is not English"});
}

}  // namespace

Findings check_codes_used(const Tree& tree, const std::vector<Explanation>& listed) {
  Findings findings;
  std::set<std::string, std::less<>> known;
  for (const Explanation& entry : listed) known.emplace(entry.code);
  std::set<std::string, std::less<>> used;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file) || !(is_product(file) || starts_with_any(file.path, {"packaging/"}))) continue;
    const Code code = take_apart(file.text);
    for (std::size_t i = 0; i < code.literals.size(); ++i) {
      const std::string_view line = code.literals[i];
      for (std::size_t at = line.find("QZ-"); at != std::string_view::npos; at = line.find("QZ-", at + 1)) {
        const std::string name(line.substr(at, code_length(line.substr(at))));
        if (name.empty()) continue;
        used.insert(name);
        if (known.count(name) == 0)
          findings.push_back({file.path, i + 1, name + " has no line in " + std::string(folder_of_codes)});
      }
    }
  }
  for (const std::string& name : known)
    if (used.count(name) == 0) findings.push_back({name, 0, "is explained but never thrown"});
  return findings;
}

Findings check_explanations(const std::vector<Explanation>& listed) {
  Findings findings;
  std::set<std::string_view> seen;
  for (const Explanation& entry : listed) {
    const std::string code(entry.code);
    if (code.empty() || code_length(code) != code.size()) findings.push_back({code, 0, "is not QZ-AREA-NNN"});
    if (!seen.insert(entry.code).second) findings.push_back({code, 0, "is listed twice"});
    check_text(findings, entry, "Chinese title", entry.title_zh, true);
    check_text(findings, entry, "English title", entry.title_en, false);
    check_text(findings, entry, "Chinese cause", entry.cause_zh, true);
    check_text(findings, entry, "English cause", entry.cause_en, false);
    // A bare command is the same in both languages.
    const bool command = !entry.next_zh.empty() && entry.next_zh == entry.next_en;
    if (!command) check_text(findings, entry, "Chinese next step", entry.next_zh, true);
    check_text(findings, entry, "English next step", entry.next_en, false);
  }
  return findings;
}

Findings check_definitions_included(const Tree& tree) {
  std::string including;
  for (const SourceFile& file : tree)
    if (file.path == "hub-protocol/base/codes.cpp") including = file.text;
  Findings findings;
  for (const SourceFile& file : tree)
    if (starts_with_any(file.path, {folder_of_codes}) && including.find('"' + file.path + '"') == std::string::npos)
      findings.push_back({file.path, 0, "is not included by hub-protocol/base/codes.cpp"});
  return findings;
}

}  // namespace qianzhi::tidy
