// The strict look at the characters before a YAML parser sees them. It finds what yaml-cpp accepts, misplaces or
// swallows, line by line, and mends what has an obvious meaning so that the rest of the file can be checked too.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/yaml/diagnostics.h"
#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::yaml {

class Scan {
 public:
  std::string text;       // mended; LF line ends, no BOM
  bool is_fatal = false;  // too broken: do not parse

  // Place of an octet of `text`, cheap when asked in order; line and column from 0. The end of the file if it is
  // beyond.
  Place place_at(std::size_t line, std::size_t column, std::size_t length);

 private:
  friend class Scanner;
  struct Line {
    std::string_view original;            // of the caller's text
    std::vector<std::size_t> insertions;  // octet offsets where one space was put in
  };
  std::shared_ptr<const SourceText> source_;
  std::vector<Line> lines_;
  CharacterCounter counter_;
};

// text must outlive the result.
Scan scan_text(const std::shared_ptr<SourceText>& source, std::string_view text, Diagnostics& diagnostics);

}  // namespace qianzhi::yaml
