// What adapters know a source by, and what an item may hold.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::config {

// [a-z0-9_]+: names the slot, journal, triggers and canary of a source, which allow no more than that.
inline std::string source_name(const std::string& agent, const std::string& source) {
  std::string name = agent + "_" + source;
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
    else if (!plain)
      c = '_';
  }
  return name;
}

// "10m": how long others have for an answer; nothing if it is no such time, shorter than a second, or beyond 90 days.
std::optional<Micros> time_to_answer(std::string_view text);

// Whether the canonical text of an item may be this; model/topic.h says what is canonical.
bool fits(const Item& item, std::string_view text);

}  // namespace qianzhi::config
