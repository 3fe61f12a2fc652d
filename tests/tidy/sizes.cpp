#include <algorithm>

#include "tests/tidy/code.h"
#include "tests/tidy/rules.h"

namespace qianzhi::tidy {

namespace {

// Texts that are data or prose: their lines end where their sentences do.
bool has_free_lines(const SourceFile& file) {
  const std::string ending = std::filesystem::path(file.path).extension().string();
  const bool code = ending == ".h" || ending == ".cpp" || ending == ".proto" || ending == ".cmake" || ending == ".sh" ||
                    ending == ".js" || ending == ".css" || ending == ".html" ||
                    std::filesystem::path(file.path).filename() == "CMakeLists.txt";
  return !code;
}

bool is_written_code(const SourceFile& file) {
  const std::string ending = std::filesystem::path(file.path).extension().string();
  return is_cpp(file) || ending == ".proto" || ending == ".js" || ending == ".css" || ending == ".html" ||
         ending == ".sh";
}

}  // namespace

Findings check_file_length(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_written_code(file)) continue;
    const std::size_t lines = lines_of(file.text).size();
    if (lines > file_limit)
      findings.push_back(
          {file.path, 0, std::to_string(lines) + " lines; split it before " + std::to_string(file_limit)});
  }
  return findings;
}

Findings check_function_length(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file)) continue;
    for (const Function& function : functions_of(take_apart(file.text)))
      if (function.end != 0 && function.lines() > function_limit)
        findings.push_back(
            {file.path, function.begin,
             std::to_string(function.lines()) + " lines in one function: " + function.head.substr(0, 80)});
  }
  return findings;
}

Findings check_line_length(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (has_free_lines(file)) continue;
    std::size_t number = 0;
    for (const std::string& line : lines_of(file.text)) {
      ++number;
      if (characters_in(line) > line_limit)
        findings.push_back({file.path, number, std::to_string(characters_in(line)) + " characters in one line"});
    }
  }
  return findings;
}

std::string size_report(const Tree& tree) {
  std::vector<std::pair<std::size_t, std::string>> sizes;
  for (const SourceFile& file : tree)
    if (is_cpp(file)) sizes.emplace_back(lines_of(file.text).size(), file.path);
  if (sizes.empty()) return "no files";
  std::sort(sizes.begin(), sizes.end());
  const auto at = [&](std::size_t percent) { return std::to_string(sizes[(sizes.size() - 1) * percent / 100].first); };
  return std::to_string(sizes.size()) + " files: median " + at(50) + " lines, 90 % up to " + at(90) + ", longest " +
         at(100) + " (" + sizes.back().second + ")";
}

}  // namespace qianzhi::tidy
