// The form of a verb, made from its usage: "NAME --role system|security|audit [--title TITLE] [--force]".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/web/http.h"

namespace qianzhi::admin {

using web::Fields;

struct VerbField {
  enum class Kind { positional, option, flag };
  Kind kind = Kind::positional;
  std::string name;                  // as the form and the usage call it: "NAME", "role", "force"
  std::vector<std::string> choices;  // empty: any text
  bool is_required = true;
};

// Nothing for a usage that says more than one field after the other: alternatives of several words, repetitions.
std::optional<std::vector<VerbField>> fields_of(std::string_view usage);

// What the fields of a sent form ("f0", "f1", ...) say, as words after the verb's name. Empty ones are left out.
std::vector<std::string> words_in(const std::vector<VerbField>& fields, const Fields& form);

// The value of each field in words after the verb's name: what words_in() made of them. A flag is "1" or empty. Words
// that have no field are passed over.
std::vector<std::string> values_of(const std::vector<VerbField>& fields, const std::vector<std::string>& words);

// The inverse of split_words().
std::string joined_words(const std::vector<std::string>& words);

}  // namespace qianzhi::admin
