#include "tests/tidy/tree.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

namespace qianzhi::tidy {

namespace {

namespace fs = std::filesystem;

// Not ours, or not text.
const std::set<std::string, std::less<>> skipped_folders = {".git", "build", "run", "node_modules"};
const std::set<std::string, std::less<>> binary_endings = {".png", ".bin", ".gz", ".db", ".sqlite", ".zst"};

std::string read_file(const fs::path& path) {
  const std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace

Tree read_tree(const fs::path& root) {
  Tree tree;
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::recursive_directory_iterator(); ++entry) {
    const fs::path& path = entry->path();
    if (entry->is_directory()) {
      if (skipped_folders.count(path.filename().string()) != 0) entry.disable_recursion_pending();
      continue;
    }
    // A linked working tree has a file where others have the folder.
    if (path.filename() == ".git") continue;
    if (!entry->is_regular_file() || binary_endings.count(path.extension().string()) != 0) continue;
    const bool executable = (entry->status().permissions() & fs::perms::owner_exec) != fs::perms::none;
    tree.push_back({path.lexically_relative(root).generic_string(), read_file(path), executable});
  }
  std::sort(tree.begin(), tree.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return tree;
}

std::vector<std::string> read_top_level(const fs::path& root) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(root)) {
    const std::string name = entry.path().filename().string();
    if (skipped_folders.count(name) == 0) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string to_text(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += finding.path;
    if (finding.line != 0) text += ":" + std::to_string(finding.line);
    text += ": " + finding.message + "\n";
  }
  return text;
}

bool starts_with_any(std::string_view text, const std::vector<std::string_view>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view p) { return text.substr(0, p.size()) == p; });
}

bool is_header(const SourceFile& file) { return fs::path(file.path).extension() == ".h"; }

bool is_cpp(const SourceFile& file) { return is_header(file) || fs::path(file.path).extension() == ".cpp"; }

bool is_product(const SourceFile& file) { return starts_with_any(file.path, {"hub-protocol/", "adapters/", "agent/"}); }

std::string folder_of(std::string_view path) {
  if (starts_with_any(path, {"tests/", "packaging/"})) return std::string(path.substr(0, path.find('/')));
  const std::size_t first = path.find('/');
  if (first == std::string_view::npos) return {};
  const std::size_t second = path.find('/', first + 1);
  // The desk's folders lie one deeper.
  if (starts_with_any(path, {"agent/desk/"})) return std::string(path.substr(0, path.find('/', second + 1)));
  return std::string(path.substr(0, second));
}

}  // namespace qianzhi::tidy
