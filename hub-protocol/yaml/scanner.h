// Inside of scan_text(): one line at a time, in block context or inside brackets. Not for other folders.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub-protocol/yaml/scan.h"

namespace qianzhi::yaml {

class Scanner {
 public:
  Scanner(std::shared_ptr<SourceText> source, Diagnostics& diagnostics);
  Scan run(std::string_view text);

 private:
  struct Bracket {
    char open = '{';
    Place place;
    std::size_t line_indent = 0;  // of the line that holds it
    Place entry;                  // where the present entry starts
    bool has_entry = false;
    bool has_scalar = false;  // since the last comma or colon
    bool has_colon = false;   // in the present entry
  };

  // lines
  void scan_line();
  bool is_marker();
  void block_line();
  void block_content(std::size_t at, bool in_sequence);
  void key_or_scalar(std::size_t at, bool in_sequence);
  void bare_line(std::size_t at);
  void value(std::size_t at);
  void value_after_quote(std::size_t at);
  void block_scalar(std::size_t at);
  void plain_value(std::size_t at);
  bool in_block_scalar();
  void indent_to(std::size_t column);

  // brackets
  void flow(std::size_t at);
  std::size_t flow_plain(std::size_t at);
  void open_bracket(std::size_t at);
  void close_bracket(std::size_t at);
  void end_entry();
  void scalar_in_flow(std::size_t at, std::size_t end);
  bool is_flow_torn();
  void complain_open_bracket();
  void after_brackets(std::size_t at);

  // pieces
  std::size_t skip_spaces(std::size_t at) const;
  // Offset behind the closing quote; npos after a complaint if there is none on this line.
  std::size_t quoted(std::size_t at);
  // End of a plain scalar in block context: offset of ": ", of " #" or of the end.
  std::size_t plain_end(std::size_t at) const;
  bool is_colon(std::size_t at) const;  // ends a key
  // Complains about a comment that eats part of a value; true if there is a comment or nothing from here on.
  bool is_rest_empty(std::size_t at);
  // Anchors, aliases, tags and reserved characters at the start of a scalar; true after a complaint.
  bool is_reserved(std::size_t at);
  // Full-width quotes and brackets at the start of a scalar.
  bool is_full_width_start(std::size_t at);
  // Full-width colon after a word (any_text: after anything): complains, mends and returns true.
  bool mend_colon(std::size_t start, std::size_t end, bool any_text);
  // `word:value` without the space: offset of the colon, npos if it is not that.
  std::size_t mend_space(std::size_t start, std::size_t end);
  void check_characters();
  void check_character(std::size_t at, char32_t value, std::size_t octets, std::size_t indent);
  void end_line();
  void replace(std::size_t at, std::size_t octets, std::string_view with);

  // Complaints at an offset of the present line.
  Place place(std::size_t at, std::size_t octets);
  void error(std::string_view code, std::size_t at, std::size_t octets, std::string_view zh, std::string_view en,
             std::string_view cure = {});
  void fatal(std::string_view code, std::size_t at, std::size_t octets, std::string_view zh, std::string_view en,
             std::string_view cure = {});
  bool starts(std::size_t at, std::string_view with) const { return line_.compare(at, with.size(), with) == 0; }

  std::shared_ptr<SourceText> source_;
  Diagnostics* diagnostics_;
  Scan scan_;

  // The present line: original, and the mended form of the same length that is scanned.
  std::string_view original_;
  std::string line_;
  std::size_t number_ = 0;
  std::size_t findings_in_line_ = 0;
  CharacterCounter counter_;
  std::vector<std::size_t> insertions_;
  // Characters that were already complained about end here (quotes may hold what plain text may not).
  std::vector<std::pair<std::size_t, std::size_t>> quotes_;
  std::size_t comment_ = std::string::npos;

  std::vector<std::size_t> indents_;       // open block levels
  std::size_t askew_ = std::string::npos;  // column of lines that match no level, and were complained about
  std::size_t control_line_ = 0;           // line whose control characters were complained about
  bool expects_child_ = true;              // the line before ended with an empty value
  std::vector<Bracket> brackets_;
  std::optional<std::size_t> block_scalar_;  // column its lines must pass
  bool has_content_ = false;
  bool has_ended_ = false;
};

}  // namespace qianzhi::yaml
