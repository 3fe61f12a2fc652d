// The rules of tests/tidy on this checkout.
#include <catch2/catch.hpp>
#include <iostream>

#include "tests/tidy/rules.h"

using namespace qianzhi::tidy;

namespace {

const Tree& checkout() {
  static const Tree tree = read_tree(QIANZHI_ROOT);
  return tree;
}

void check_clean(const Findings& findings) {
  INFO(findings.size() << " findings\n" << to_text(findings));
  CHECK(findings.empty());
}

}  // namespace

TEST_CASE("The checkout is read") { REQUIRE(checkout().size() > 50); }

TEST_CASE("Folders include only what their layer allows") {
  CHECK(cycle_in_layers() == "");
  check_clean(check_layers(checkout()));
}

TEST_CASE("Third-party headers stay in the .cpp files of their owners") { check_clean(check_third_party(checkout())); }

TEST_CASE("agent/flow names no database") { check_clean(check_flow_names_no_database(checkout())); }

TEST_CASE("Files have at most 400 lines") {
  std::cout << size_report(checkout()) << "\n";
  check_clean(check_file_length(checkout()));
}

TEST_CASE("Functions have at most 60 lines") { check_clean(check_function_length(checkout())); }

TEST_CASE("Lines have at most 120 characters") { check_clean(check_line_length(checkout())); }

TEST_CASE("Calls that have a home are made only there") { check_clean(check_calls(checkout())); }

TEST_CASE("Every error code thrown is explained, and every one explained is thrown") {
  check_clean(check_codes_used(checkout(), qianzhi::all_explanations()));
  check_clean(check_definitions_included(checkout()));
}

TEST_CASE("E: every error code is unique and told in Chinese and English") {
  check_clean(check_explanations(qianzhi::all_explanations()));
}

TEST_CASE("No word says that something is left to do") { check_clean(check_leftover_words(checkout())); }

TEST_CASE("No text names a path of one machine") { check_clean(check_machine_paths(checkout())); }

TEST_CASE("Every document that is named is here") { check_clean(check_documents_exist(checkout())); }

TEST_CASE("Every mutant breaks what is there") { check_clean(check_mutants_apply(checkout())); }

TEST_CASE("The top level is as agreed") { check_clean(check_top_level(read_top_level(QIANZHI_ROOT))); }

TEST_CASE("README shows exactly two set-up commands") { check_clean(check_readme(checkout())); }

TEST_CASE("Headers begin with their purpose and #pragma once") { check_clean(check_headers(checkout())); }

TEST_CASE("Scripts are executable and stop at the first error") { check_clean(check_scripts(checkout())); }

TEST_CASE("No test has a name that CMake takes apart") { check_clean(check_test_names(checkout())); }
TEST_CASE("Every test asserts something") { check_clean(check_tests_assert(checkout())); }

TEST_CASE("A test run by a filter fails where the filter matches nothing") {
  check_clean(check_filters_match(checkout()));
}
