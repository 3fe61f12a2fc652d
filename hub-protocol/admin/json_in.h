// JSON that was received: a request's, or a verb's answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::admin {

struct JsonMember;

struct JsonNode {
  enum class Kind { null, boolean, number, text, array, object };

  Kind kind = Kind::null;
  std::string value;                // as text; of scalars
  std::vector<JsonNode> items;      // of an array
  std::vector<JsonMember> members;  // of an object, in the order written

  // Null: not an object, or no such member.
  const JsonNode* find(std::string_view name) const;
  // Of a scalar member; empty if it is not there.
  std::string text_of(std::string_view name) const;
};

struct JsonMember {
  std::string name;
  JsonNode node;
};

// Nothing: not JSON, deeper than 16, or over the limit.
std::optional<JsonNode> json_from(std::string_view text, std::size_t limit = 64U << 20U);

}  // namespace qianzhi::admin
