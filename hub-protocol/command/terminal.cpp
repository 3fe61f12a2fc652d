#include "hub-protocol/command/terminal.h"

#include <unistd.h>

#include <cstdlib>

namespace qianzhi::command {

bool wants_colour(std::FILE* stream) {
  const char* none = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (none == nullptr || *none == '\0') && terminal != nullptr && std::string_view(terminal) != "dumb" &&
         isatty(fileno(stream)) == 1;
}

std::string painted(std::string_view text, Colour colour, bool paints) {
  if (!paints) return std::string(text);
  const char* begin = "\033[1m";
  if (colour == Colour::red) begin = "\033[31m";
  if (colour == Colour::yellow) begin = "\033[33m";
  if (colour == Colour::green) begin = "\033[32m";
  if (colour == Colour::faint) begin = "\033[2m";
  return begin + std::string(text) + "\033[0m";
}

std::size_t width_of(std::string_view utf8) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto octet = static_cast<unsigned char>(utf8[i]);
    if ((octet & 0xC0U) == 0x80U) continue;
    // From U+2E80 on East Asian signs take two columns; arrows, ticks and dots below take one.
    const bool is_wide =
        octet >= 0xE3U || (octet == 0xE2U && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) >= 0xBAU);
    width += is_wide ? 2 : 1;
  }
  return width;
}

std::string padded(std::string_view utf8, std::size_t width) {
  const std::size_t used = width_of(utf8);
  return std::string(utf8) + std::string(used < width ? width - used : 1, ' ');
}

}  // namespace qianzhi::command
