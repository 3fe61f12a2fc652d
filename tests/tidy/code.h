// C++ text taken apart line by line, just well enough for clang-formatted code.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::tidy {

// The same lines three times; what does not belong is left out, so line numbers stay.
struct Code {
  std::vector<std::string> plain;     // without comments; literals are empty: "" and ''
  std::vector<std::string> literals;  // only the texts of string literals, each followed by a space
  std::vector<std::string> comments;  // only the texts of comments
};

Code take_apart(std::string_view text);

std::vector<std::string> lines_of(std::string_view text);

// Place of a whole identifier at or after `from`, or npos.
std::size_t find_word(std::string_view line, std::string_view word, std::size_t from = 0);

// A function with its body; lines from 1.
struct Function {
  std::string head;  // the text before its '{', in one line
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t lines() const { return end - begin + 1; }
};

// Functions, member functions, lambdas at namespace scope and TEST_CASEs; what is nested in them belongs to them.
std::vector<Function> functions_of(const Code& code);

// Characters, not octets, of UTF-8 text.
std::size_t characters_in(std::string_view text);

}  // namespace qianzhi::tidy
