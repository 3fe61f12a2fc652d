// The rules that keep the sources as designed. Each takes text and gives what breaks it, so that each can be shown to
// find what it is there for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/codes.h"
#include "tests/tidy/tree.h"

namespace qianzhi::tidy {

// layers.cpp: who may include whom, and which folder owns which third-party header.
Findings check_layers(const Tree& tree);
Findings check_third_party(const Tree& tree);
// agent/flow never names a database.
Findings check_flow_names_no_database(const Tree& tree);
// Empty if the table of folders has no cycle; else the folders of one.
std::string cycle_in_layers();

// sizes.cpp
inline constexpr std::size_t file_limit = 400;
inline constexpr std::size_t function_limit = 60;
inline constexpr std::size_t line_limit = 120;
Findings check_file_length(const Tree& tree);
Findings check_function_length(const Tree& tree);
Findings check_line_length(const Tree& tree);
// "142 files: median 90 lines, 90 % up to 210, longest 380 (path)".
std::string size_report(const Tree& tree);

// calls.cpp: calls that have a home, each with what to write instead.
Findings check_calls(const Tree& tree);

// error_codes.cpp: each code is explained, used, unique and told in both languages.
Findings check_codes_used(const Tree& tree, const std::vector<Explanation>& listed);
Findings check_explanations(const std::vector<Explanation>& listed);
Findings check_definitions_included(const Tree& tree);

// words.cpp: leftovers, machine paths, documents that are named but not there.
Findings check_leftover_words(const Tree& tree);
Findings check_machine_paths(const Tree& tree);
Findings check_documents_exist(const Tree& tree);

// mutants.cpp: what tests/mutants breaks is there, once.
Findings check_mutants_apply(const Tree& tree);

// shape.cpp: the checkout as a newcomer finds it.
Findings check_top_level(const std::vector<std::string>& names);
Findings check_readme(const Tree& tree);
Findings check_headers(const Tree& tree);
Findings check_scripts(const Tree& tree);
Findings check_tests_assert(const Tree& tree);
// No name of a test holds a semicolon.
Findings check_test_names(const Tree& tree);
Findings check_filters_match(const Tree& tree);

}  // namespace qianzhi::tidy
