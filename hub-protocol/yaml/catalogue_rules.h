// What ids and types of a catalogue look like, whatever file they are read from.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "hub-protocol/model/topic.h"

namespace qianzhi::yaml {

struct TypeText {
  ItemType type = ItemType::text;
  std::uint32_t length = 0;
  std::uint32_t scale = 0;
};

// "text(200)", "decimal(12,2)", "date". Nothing if it is none of them.
std::optional<TypeText> parse_type(std::string_view text);

// For complaints: what parse_type takes.
inline constexpr std::string_view types_zh =
    "类型，例如 text(200) code(18) digits(6) integer \"decimal(12,2)\" date year timestamp boolean bytes";
inline constexpr std::string_view types_en =
    "a type such as text(200) code(18) digits(6) integer \"decimal(12,2)\" date year timestamp boolean bytes";

// "department.topic".
bool is_topic_id(std::string_view id);

// Column names grow out of item ids, so they are plain words of at most 60 characters.
bool is_item_id(std::string_view id);

}  // namespace qianzhi::yaml
