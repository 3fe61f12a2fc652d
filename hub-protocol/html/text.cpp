#include "hub-protocol/html/text.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::html {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr Micros second = 1'000'000;

tm local_parts(Micros time) {
  auto value = static_cast<time_t>(time / second);
  if (time % second < 0) --value;
  tm parts{};
  localtime_r(&value, &parts);
  return parts;
}

// C0, DEL and C1 are never shown; line breaks become spaces.
bool is_control(char32_t character) { return character < 0x20 || (character >= 0x7F && character < 0xA0); }

// Marks that reorder the text around them: a name must not rewrite the line it stands in.
bool is_reordering(char32_t character) {
  return (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

}  // namespace

Language language_of(std::string_view tag) { return tag.substr(0, 2) == "en" ? Language::en : Language::zh; }

std::string_view pick(Language language, std::string_view zh, std::string_view en) {
  return language == Language::zh ? zh : en;
}

std::string text_of(Language language, std::string_view zh, std::string_view en) {
  return std::string(pick(language, zh, en));
}

std::string readable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const yaml::Character character = yaml::character_at(text, at);
    if (character.value == U'\n' || character.value == U'\t' || character.value == U'\r')
      safe += ' ';
    else if (character.value == yaml::not_a_character || is_control(character.value) || is_reordering(character.value))
      safe += replacement;
    else
      safe += text.substr(at, character.octets);
    at += character.octets;
  }
  return safe;
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : readable(text)) {
    switch (c) {
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '&': safe += "&amp;"; break;
      case '"': safe += "&quot;"; break;
      case '\'': safe += "&#39;"; break;
      default: safe += c;
    }
  }
  return safe;
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string octets_text(std::uint64_t octets) {
  static constexpr std::array<const char*, 6> units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (octets < 1024) return std::to_string(octets) + " B";
  std::size_t unit = 0;
  std::uint64_t size = 1024;
  while (octets / size >= 1024) {
    size *= 1024;
    ++unit;
  }
  const std::uint64_t tenth = octets % size / (size / 1024) * 10 / 1024;
  return std::to_string(octets / size) + (tenth == 0 ? "" : "." + std::to_string(tenth)) + " " + units[unit];
}

std::string local_text(Micros time) {
  const tm parts = local_parts(time);
  std::array<char, 64> text{};
  strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return text.data();
}

std::string zone_text(Micros time) {
  const tm parts = local_parts(time);
  const long minutes = parts.tm_gmtoff / 60;
  const long absolute = minutes < 0 ? -minutes : minutes;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "UTC%c%02ld:%02ld", minutes < 0 ? '-' : '+', absolute / 60, absolute % 60);
  return text.data();
}

std::string span_text(Micros span, Language language) {
  struct Unit {
    Micros length;
    Micros until;
    std::string_view zh;
    std::string_view en;
  };
  // Each unit up to where the next one still says enough: 119 s, 119 min, 47 h.
  static constexpr std::array<Unit, 4> units = {{{second, 120 * second, " 秒", " s"},
                                                 {60 * second, 7'200 * second, " 分钟", " min"},
                                                 {3'600 * second, 172'800 * second, " 小时", " h"},
                                                 {86'400 * second, 0, " 天", " d"}}};
  span = std::max<Micros>(span, 0);
  for (const Unit& unit : units)
    if (span < unit.until || unit.until == 0)
      return std::to_string(span / unit.length) + text_of(language, unit.zh, unit.en);
  return {};
}

std::string age_text(Micros time, Micros now, Language language) {
  if (time > now)
    return language == Language::zh ? span_text(time - now, language) + "后" : "in " + span_text(time - now, language);
  return span_text(now - time, language) + text_of(language, "前", " ago");
}

}  // namespace qianzhi::html
