// One strict YAML document as a tree of raw texts with their places. Accepted is a small YAML: maps, sequences, plain
// and quoted scalars on one line, block scalars, comments. Refused with a diagnostic each: other encodings than UTF-8
// (a BOM is tolerated), tabs, full-width punctuation and spaces, unclosed quotes and brackets, duplicate keys, several
// documents, anchors, aliases, tags, merge keys, values cut off by a comment sign, more than 4 MiB, 8 KiB in a line or
// 64 levels.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/yaml/diagnostics.h"
#include "hub-protocol/yaml/text_file.h"

namespace qianzhi::yaml {

struct Entry;

struct Node {
  enum class Kind { empty, scalar, sequence, map };

  Kind kind = Kind::empty;
  std::string text;  // scalar: exactly as written, without quotes; never interpreted (010 stays "010", no stays "no")
  bool quoted = false;  // scalar: in quotes or a block scalar
  Place place;
  std::vector<Node> items;     // sequence
  std::vector<Entry> entries;  // map, in file order; keys are unique unless a diagnostic says otherwise

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_map() const { return kind == Kind::map; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_empty() const { return kind == Kind::empty; }
  // Value of the key in a map; null if there is none.
  const Node* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Place key_place;
  Node value;
};

inline constexpr std::size_t max_line_octets = std::size_t{8} << 10U;
inline constexpr std::size_t max_document_depth = 64;

// The root map, or nothing if the text is too broken to have one. A tree may be returned although errors were added
// (so that a caller can go on and report all that is wrong): decide by diagnostics.has_errors().
std::optional<Node> parse_document(const std::filesystem::path& name, std::string_view text, Diagnostics& diagnostics);

// Reads the file; one that cannot be read is a diagnostic too.
std::optional<Node> read_document(const std::filesystem::path& file, Diagnostics& diagnostics);

}  // namespace qianzhi::yaml
