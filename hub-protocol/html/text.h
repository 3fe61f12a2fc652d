// Words, numbers and times of our pages, ready to stand in HTML. Nothing here reads a clock.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hub-protocol/base/clock.h"

namespace qianzhi::html {

enum class Language { zh, en };

// "en", "en-US" -> en; everything else -> zh.
Language language_of(std::string_view tag);

std::string_view pick(Language language, std::string_view zh, std::string_view en);
std::string text_of(Language language, std::string_view zh, std::string_view en);

// Valid UTF-8 without control characters: what is not becomes U+FFFD. For text that came from a database or a peer.
std::string readable(std::string_view text);

// readable(), safe as HTML text and inside a quoted attribute.
std::string escaped(std::string_view text);

// 4120 -> "4,120".
std::string grouped(std::uint64_t number);

// "1.2 GiB", cut off, never rounded up; below 1 KiB "512 B".
std::string octets_text(std::uint64_t octets);

// "2026-11-21 23:04:42" in the machine's time zone.
std::string local_text(Micros time);

// "UTC+08:00", the machine's time zone at that time.
std::string zone_text(Micros time);

// "12 分钟" / "12 min". Negative spans count as 0.
std::string span_text(Micros span, Language language);

// "12 分钟前" / "12 min ago"; "12 分钟后" / "in 12 min" if the time is yet to come.
std::string age_text(Micros time, Micros now, Language language);

}  // namespace qianzhi::html
