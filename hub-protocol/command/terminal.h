// What a terminal shows: colours, and columns of Chinese text.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace qianzhi::command {

// A terminal, and nobody asked for none: $NO_COLOR is not set (https://no-color.org) and $TERM is not "dumb".
bool wants_colour(std::FILE* stream);

enum class Colour { bold, red, yellow, green, faint };
// The text itself if it is not painted.
std::string painted(std::string_view text, Colour colour, bool paints);

// Columns of a terminal: two for each Chinese character or full-width sign.
std::size_t width_of(std::string_view utf8);
// With spaces behind it up to so many columns, and at least one.
std::string padded(std::string_view utf8, std::size_t width);

}  // namespace qianzhi::command
