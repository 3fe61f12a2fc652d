// The masks that an open-data feed may put over a value: a fixed list, so that an assessor can know them all.
//   all        "***"
//   name       the first character, then "**":                  张**
//   phone      the first three and the last four characters:    138****0000 (shorter than eleven: all)
//   document   the first six characters (the area), then stars: 110105************
//   year       the first four digits of a date:                 2006
//   district   an address up to its district or county, else its city; without either: all
//   pseudonym  HMAC-SHA256 with the feed's key, 32 hexadecimal characters: equal values stay equal within the feed
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace qianzhi::desk {

enum class FeedMask { none, all, name, phone, document, year, district, pseudonym };

std::optional<FeedMask> feed_mask_of(std::string_view name);

// An empty value stays empty. key: of pseudonyms only.
std::string masked(FeedMask mask, std::string_view value, std::string_view key);

}  // namespace qianzhi::desk
