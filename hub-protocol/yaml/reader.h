// The typed layer over a document: every key is asked for by name and type, what was not asked for is an error.
// Nothing here throws: a bad value is a diagnostic and yields the fallback, so that one run finds everything.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/record.h"

namespace qianzhi::yaml {

// [0-9]+ only: no sign, no octal, no exponent, no underscore.
std::optional<std::uint64_t> parse_integer(std::string_view text);
// "20GiB": integer and one of B KiB MiB GiB TiB, nothing between. In octets.
std::optional<std::uint64_t> parse_size(std::string_view text);
// "200ms": integer and one of us ms s m h d.
std::optional<Micros> parse_duration(std::string_view text);
// The word of `words` that is nearest to the misspelt one, or empty if none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& words);

// A secret is named, never written: {file: PATH} or {credential: NAME}. Exactly one of the two is set.
struct Secret {
  std::filesystem::path file;
  std::string credential;
};

// Reads one map. Use: ask for every key that may be there, then finish().
class MapReader {
 public:
  // path: how people name this map, "sources.commerce-db"; empty for the root. node must outlive the reader. A node
  // that is not a map is reported once (unless it is null) and then behaves like an empty map that misses nothing.
  MapReader(const Node* node, std::string path, Diagnostics& diagnostics);

  bool is_map() const { return node_ != nullptr; }
  const std::string& path() const { return path_; }
  const Place& place() const { return place_; }
  // "path.key"
  std::string path_of(std::string_view key) const;
  Diagnostics& diagnostics() const { return *diagnostics_; }

  // The value as it stands; null if absent. Counts as asked for.
  const Node* find(std::string_view key);
  // As find(), but absent is an error (reported by finish()).
  const Node* require(std::string_view key);

  // Scalars. The first form is required, the second yields `fallback` when absent. Never empty.
  std::string text(std::string_view key);
  std::string text(std::string_view key, std::string_view fallback);
  std::uint64_t integer(std::string_view key, std::uint64_t least, std::uint64_t most);
  std::uint64_t integer(std::string_view key, std::uint64_t least, std::uint64_t most, std::uint64_t fallback);
  std::uint64_t size(std::string_view key);
  std::uint64_t size(std::string_view key, std::uint64_t fallback);
  Micros duration(std::string_view key);
  Micros duration(std::string_view key, Micros fallback);
  bool boolean(std::string_view key, bool fallback);  // true or false only
  // [a-z0-9] and ._- within, at most 100 characters.
  std::string id(std::string_view key);
  // Relative paths are taken from the folder of the file.
  std::filesystem::path file(std::string_view key);
  std::filesystem::path file(std::string_view key, const std::filesystem::path& fallback);
  // One of the words; `fallback` when absent or wrong.
  template <typename Value>
  Value choice(std::string_view key, std::initializer_list<std::pair<std::string_view, Value>> words, Value fallback) {
    std::string usual;
    for (const auto& [name, value] : words)
      if (usual.empty() && value == fallback) usual = name;
    const std::string word = one_of(key, names_of(words), usual);
    for (const auto& [name, value] : words) {
      if (name == word) return value;
    }
    return fallback;
  }
  // {file: ...} or {credential: ...}; nothing when absent (an error if required) or wrong.
  std::optional<Secret> secret(std::string_view key, bool required);
  // A sequence of scalars; empty when absent. one_too: a single scalar counts as a list of one.
  std::vector<const Node*> list(std::string_view key, bool one_too = false);
  // Sub-map; the reader is empty if the key is absent.
  MapReader map(std::string_view key, bool required);

  // For the record only. The texts under `key` have this form (a regular expression of JSON Schema), whoever checks it;
  // the list under `key` holds nothing but these words; keys of this map are names that people choose; the value of
  // `key` says which other keys there are.
  void form(std::string_view key, std::string_view pattern);
  void words(std::string_view key, const std::vector<std::string>& words);
  void any_key();
  void pin(std::string_view key);

  // Reports keys that were not asked for, with the nearest allowed one, and required ones that are missing.
  void finish();

 private:
  template <typename Value>
  static std::vector<std::string> names_of(std::initializer_list<std::pair<std::string_view, Value>> words) {
    std::vector<std::string> names;
    for (const auto& [name, value] : words) names.emplace_back(name);
    return names;
  }
  const Node* scalar(std::string_view key, bool required);
  std::string one_of(std::string_view key, const std::vector<std::string>& words, const std::string& usual);
  // Where it is written down what is asked for; null: nowhere.
  Asked* ask(std::string_view key, ValueKind kind);
  void ask_usual(std::string_view key, ValueKind kind, std::string fallback);
  std::optional<std::uint64_t> integer_in(std::string_view key, bool required, std::uint64_t least, std::uint64_t most);
  std::optional<std::uint64_t> size_of(std::string_view key, bool required);
  std::optional<Micros> duration_of(std::string_view key, bool required);
  std::filesystem::path beside(const std::string& text) const;

  const Node* node_ = nullptr;
  std::string path_;
  Place place_;
  Diagnostics* diagnostics_ = nullptr;
  Shape* shape_ = nullptr;
  std::vector<std::string> missing_;
  std::vector<std::string> asked_;
};

// "列表应为..."-style complaint shared by loaders: value has another kind than wanted ("map", "list", "text").
void complain_kind(const Node& node, std::string_view path, std::string_view wanted, Diagnostics& diagnostics);

// A value of a wrong form: QZ-CFG-019 with what is expected in both languages.
void complain_form(const Node& node, std::string_view path, std::string_view expected_zh, std::string_view expected_en,
                   Diagnostics& diagnostics);

// The same of a key that people choose, at the key.
void complain_key(const Entry& entry, std::string_view path, std::string_view expected_zh, std::string_view expected_en,
                  Diagnostics& diagnostics);

// True if the text is an id: [a-z0-9] first, then [a-z0-9._-], at most 100 characters.
bool is_id(std::string_view text);

}  // namespace qianzhi::yaml
