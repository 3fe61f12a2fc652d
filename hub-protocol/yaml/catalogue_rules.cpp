#include "hub-protocol/yaml/catalogue_rules.h"

#include "hub-protocol/yaml/reader.h"

namespace qianzhi::yaml {

namespace {

constexpr std::uint64_t max_length = 8U << 20U;
constexpr std::uint64_t max_precision = 1000;

}  // namespace

std::optional<TypeText> parse_type(std::string_view text) {
  const std::size_t open = text.find('(');
  const auto type = item_type_of(text.substr(0, open));
  if (!type) return std::nullopt;
  TypeText parsed{*type, 0, 0};
  const bool needs_scale = *type == ItemType::decimal;
  const bool may_have_length =
      *type == ItemType::text || *type == ItemType::code || *type == ItemType::digits || *type == ItemType::bytes;
  if (open == std::string_view::npos) return needs_scale ? std::nullopt : std::optional(parsed);
  if ((!may_have_length && !needs_scale) || text.back() != ')') return std::nullopt;
  std::string_view inside = text.substr(open + 1, text.size() - open - 2);
  if (needs_scale) {
    const std::size_t comma = inside.find(',');
    if (comma == std::string_view::npos) return std::nullopt;
    const auto scale = parse_integer(inside.substr(comma + 1));
    if (!scale || *scale > max_precision) return std::nullopt;
    parsed.scale = static_cast<std::uint32_t>(*scale);
    inside = inside.substr(0, comma);
  }
  const auto length = parse_integer(inside);
  if (!length || *length == 0 || *length > (needs_scale ? max_precision : max_length)) return std::nullopt;
  parsed.length = static_cast<std::uint32_t>(*length);
  if (needs_scale && parsed.scale > parsed.length) return std::nullopt;
  return parsed;
}

bool is_topic_id(std::string_view id) {
  return is_id(id) && id.find('-') == std::string_view::npos && id.find('.') != std::string_view::npos;
}

bool is_item_id(std::string_view id) {
  return is_id(id) && id.size() <= 60 && id.find_first_of("-.") == std::string_view::npos;
}

}  // namespace qianzhi::yaml
