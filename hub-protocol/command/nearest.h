// "Did you mean": the known word that is nearest to what was typed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::command {

// How many letters must be put in, taken out, replaced or exchanged with their neighbour to make one of the other.
std::size_t distance(std::string_view a, std::string_view b);

// Empty if none is near: more than a third of its letters differ, or more than three.
std::string nearest(std::string_view typed, const std::vector<std::string>& known);

}  // namespace qianzhi::command
