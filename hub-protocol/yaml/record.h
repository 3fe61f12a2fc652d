// What the readers of a file ask for, written down while they read: from it come the schema of the file, the settings
// in force with their lines, and the difference between two files. Only readers say what a file may hold.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/yaml/document.h"

namespace qianzhi::yaml {

enum class ValueKind {
  any,  // asked for by name only: what stands there says it
  text,
  integer,
  size,
  duration,
  boolean,
  word,   // one of Asked::words
  words,  // a list of them
  texts,  // a list of texts
  id,
  file,
  secret,  // {file: PATH} or {credential: NAME}
  map,
};

struct Shape;

// One key that a reader asked for.
struct Asked {
  std::string key;
  ValueKind kind = ValueKind::any;
  bool required = false;
  bool looked = false;   // whether it is there was asked before it was read: then it may be left out
  bool one_too = false;  // lists: a single value will do
  std::string fallback;  // as it would be written; empty: there is none
  std::uint64_t least = 0;
  std::uint64_t most = 0;  // integer
  std::vector<std::string> words;
  std::string pattern;            // texts: of JSON Schema; empty: any text
  const Shape* inside = nullptr;  // map: how it is read where it is not written; null: not at all
};

// How one map was read.
struct Shape {
  std::vector<Asked> asked;  // in the order of asking
  bool any_key = false;      // further keys are names that people choose
  std::string pinned;        // key whose value says which other keys there are; empty: none

  const Asked* find(std::string_view key) const;
  Asked& ask(std::string_view key);
};

// Not thread-safe. Addresses of nodes are what it is kept by, so the document must stay where it is.
class Record {
 public:
  // node: null for a map that is not there; then a new one each time.
  Shape& shape(const Node* node);
  // Null: this map was read entry by entry.
  const Shape* find(const Node& node) const;

 private:
  std::map<const Node*, Shape> shapes_;
  std::deque<Shape> absent_;
};

// One value in force.
struct Setting {
  std::string path;         // "sources.tax-db.poll_interval", "publications[tax.registration].batch.rows"
  std::string value;        // as written, or the fallback; secrets and passwords in connections: stars
  bool is_secret = false;   // value says where it is, not what it is
  bool is_default = false;  // not in the file
  std::size_t line = 0;     // of the file; 0: not there
};

// In the order of the file, after each map's own values what is not written in it.
std::vector<Setting> settings_of(const Node& root, const Record& record);

// Reads the file with `read`, which has it whole as it goes. Empty if it has no root map; with errors in diagnostics
// not to be used.
std::vector<Setting> load_settings(const std::filesystem::path& file,
                                   const std::function<void(const Node&, Diagnostics&)>& read,
                                   Diagnostics& diagnostics);

// As a person would write it: 2h, 200ms, 20GiB.
std::string duration_text(std::uint64_t micros);
std::string size_text(std::uint64_t octets);

}  // namespace qianzhi::yaml
