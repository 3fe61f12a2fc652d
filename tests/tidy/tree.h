// The checkout as text, for the rules of tests/tidy.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::tidy {

struct SourceFile {
  std::string path;  // from the root, with '/'
  std::string text;
  bool executable = false;
};

using Tree = std::vector<SourceFile>;

// One breach of a rule. Lines count from 1; 0: the whole file.
struct Finding {
  std::string path;
  std::size_t line = 0;
  std::string message;
};

using Findings = std::vector<Finding>;

// Every text file below root, sorted by path; without version control, build results and other generated folders.
Tree read_tree(const std::filesystem::path& root);

// Names at the top of the checkout, sorted, without what version control ignores.
std::vector<std::string> read_top_level(const std::filesystem::path& root);

// One "path:line: message" a line.
std::string to_text(const Findings& findings);

bool starts_with_any(std::string_view text, const std::vector<std::string_view>& prefixes);
bool is_cpp(const SourceFile& file);      // .h or .cpp
bool is_header(const SourceFile& file);   // .h
bool is_product(const SourceFile& file);  // below hub-protocol, adapters or agent
// The first two parts of the path: "agent/flow"; "tests" and "packaging" stand alone.
std::string folder_of(std::string_view path);

}  // namespace qianzhi::tidy
