#include "agent/desk/feeds/feed_mask.h"

#include <array>
#include <utility>
#include <vector>

#include "agent/desk/outlets/webhook_outlet.h"

namespace qianzhi::desk {

namespace {

constexpr std::string_view stars = "***";

constexpr std::array<std::pair<std::string_view, FeedMask>, 8> mask_names{{{"none", FeedMask::none},
                                                                           {"all", FeedMask::all},
                                                                           {"name", FeedMask::name},
                                                                           {"phone", FeedMask::phone},
                                                                           {"document", FeedMask::document},
                                                                           {"year", FeedMask::year},
                                                                           {"district", FeedMask::district},
                                                                           {"pseudonym", FeedMask::pseudonym}}};

// Where characters begin, and the end.
std::vector<std::size_t> characters_in(std::string_view text) {
  std::vector<std::size_t> begins;
  for (std::size_t at = 0; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U) begins.push_back(at);
  begins.push_back(text.size());
  return begins;
}

std::string phone_mask(std::string_view value) {
  constexpr std::size_t digits = 11;
  const std::vector<std::size_t> at = characters_in(value);
  const std::size_t count = at.size() - 1;
  if (count < digits) return std::string(stars);
  return std::string(value.substr(0, at[3])).append("****").append(value.substr(at[count - 4]));
}

std::string document_mask(std::string_view value) {
  constexpr std::size_t shown = 6;
  const std::vector<std::size_t> at = characters_in(value);
  const std::size_t count = at.size() - 1;
  if (count <= 2 * shown) return std::string(stars);
  return std::string(value.substr(0, at[shown])).append(count - shown, '*');
}

std::string year_mask(std::string_view value) {
  constexpr std::size_t digits = 4;
  const std::string_view year = value.substr(0, digits);
  if (year.size() < digits || year.find_first_not_of("0123456789") != std::string_view::npos) return std::string(stars);
  return std::string(year);
}

std::string district_mask(std::string_view value) {
  std::size_t end = std::string_view::npos;
  for (const std::string_view word : {"区", "县", "旗"}) {
    const std::size_t at = value.find(word);
    if (at != std::string_view::npos && at > 0 && (end == std::string_view::npos || at + word.size() < end))
      end = at + word.size();
  }
  constexpr std::string_view city = "市";
  if (end == std::string_view::npos && value.find(city) != std::string_view::npos) end = value.find(city) + city.size();
  // A word that stands late in the text is rather a part of a street's or a house's name.
  constexpr std::size_t longest = 60;
  if (end > longest) return std::string(stars);
  return std::string(value.substr(0, end));
}

}  // namespace

std::optional<FeedMask> feed_mask_of(std::string_view name) {
  for (const auto& [word, mask] : mask_names)
    if (word == name) return mask;
  return std::nullopt;
}

std::string masked(FeedMask mask, std::string_view value, std::string_view key) {
  constexpr std::size_t pseudonym_digits = 32;
  if (value.empty() || mask == FeedMask::none) return std::string(value);
  switch (mask) {
    case FeedMask::name: return std::string(value.substr(0, characters_in(value)[1])) + "**";
    case FeedMask::phone: return phone_mask(value);
    case FeedMask::document: return document_mask(value);
    case FeedMask::year: return year_mask(value);
    case FeedMask::district: return district_mask(value);
    case FeedMask::pseudonym: return hmac_sha256_hex(key, value).substr(0, pseudonym_digits);
    default: return std::string(stars);
  }
}

}  // namespace qianzhi::desk
