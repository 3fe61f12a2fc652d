// Matters as people name them, and how they find one: at the hub and at the agents alike.
#pragma once

#include <map>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/wire/matter.pb.h"

namespace qianzhi {

std::string_view name_of(wire::MatterState state);   // "waits_for_provider"
std::string_view title_of(wire::MatterState state);  // Chinese and English

// The one whose id begins with these hexadecimal digits, eight or more. Null: none does, or several do (several =
// true).
const wire::Matter* find_matter(const std::map<Bytes, wire::Matter>& matters, std::string_view id, bool& several);

}  // namespace qianzhi
