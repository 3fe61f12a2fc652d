// The schema of a kind of configuration file, made from complete commented documents and what readers asked for while
// they read them: keys, types, units, ranges and words come from the readers, explanations from the comments.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/yaml/diagnostics.h"
#include "hub-protocol/yaml/record.h"

namespace qianzhi::yaml {

class Schema {
 public:
  Schema();
  ~Schema();
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  // A document and how it was read. Several complete each other: entries of a list, or values under names that people
  // choose, are variants of one form where they are read alike, else alternatives.
  void add(const Node& root, const Record& record);

  // JSON Schema 2020-12 for editors. Indented.
  std::string json(std::string_view title) const;
  // Keys that readers ask for and the documents do not show, or show without a comment; empty: they are complete.
  std::vector<std::string> gaps() const;

 private:
  struct Form;
  std::unique_ptr<Form> root_;
};

// Adds documents that show every key, each read by `read` and ways that exclude each other side by side: what is found
// in them means nothing.
void add_references(Schema& schema, const std::vector<std::string_view>& texts,
                    const std::function<void(const Node& root, Diagnostics& diagnostics)>& read);

}  // namespace qianzhi::yaml
