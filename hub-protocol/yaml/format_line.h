// Inside of format_document(): one line of the strict YAML taken apart. Not for other folders.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::yaml {

// The line must be of a document that parse_document() finds good; nothing here looks for faults.
struct LineParts {
  std::size_t indent = 0;           // columns before the first sign
  std::vector<std::size_t> dashes;  // columns of "- " that begin entries of lists
  std::size_t start = 0;            // column of what follows them
  std::string content;              // normalised: one space behind colons and commas, none inside brackets
  std::string comment;              // with its #, without trailing spaces; empty: none
  std::size_t comment_column = 0;   // as it is shown, wide characters count two
  bool opens_block = false;         // a block scalar follows
  bool has_width = false;           // whose indentation is said by a number
};

// depth: brackets that are open before the line; is set to those open behind it.
LineParts take_line_apart(std::string_view line, std::size_t& depth);

// As it is shown: wide characters count two.
std::size_t shown_width(std::string_view text);

}  // namespace qianzhi::yaml
