#include "agent/flow/known_index.h"

#include <algorithm>
#include <cstring>

#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

constexpr std::size_t least_merge = 4096;

std::array<char, 16> tag_of(std::string_view text) {
  std::array<char, 16> tag{};
  QZ_ASSERT(text.size() == tag.size());
  std::copy(text.begin(), text.end(), tag.begin());
  return tag;
}

bool before(const KnownIndex::Entry& entry, const std::array<char, 16>& tag) { return entry.tag < tag; }

}  // namespace

// Tags are pseudo-random already.
std::size_t KnownIndex::HashOfTag::operator()(const Tag& tag) const {
  std::size_t hash = 0;
  std::memcpy(&hash, tag.data(), sizeof hash);
  return hash;
}

std::uint64_t KnownIndex::short_digest(std::string_view digest) {
  std::uint64_t number = 0;
  QZ_ASSERT(digest.size() >= sizeof number);
  std::memcpy(&number, digest.data(), sizeof number);
  return number;
}

KnownIndex::Entry* KnownIndex::find(std::string_view text) {
  const Tag tag = tag_of(text);
  const auto place = std::lower_bound(sorted_.begin(), sorted_.end(), tag, before);
  if (place != sorted_.end() && place->tag == tag && place->id != 0) return &*place;
  const auto added = added_.find(tag);
  return added == added_.end() ? nullptr : &added->second;
}

void KnownIndex::put(std::string_view tag, std::string_view digest, std::int64_t id) {
  Entry entry;
  entry.tag = tag_of(tag);
  entry.digest = short_digest(digest);
  entry.id = id;
  entry.met = true;  // it was just read
  if (Entry* const known = find(tag)) {
    *known = entry;
    return;
  }
  added_[entry.tag] = entry;
  if (added_.size() > std::max(least_merge, sorted_.size() / 4)) merge();
}

void KnownIndex::erase(std::string_view text) {
  Entry* const known = find(text);
  if (known == nullptr) return;
  if (added_.erase(known->tag) == 0) known->id = 0;
}

void KnownIndex::merge() {
  std::erase_if(sorted_, [](const Entry& entry) { return entry.id == 0; });
  const auto middle = static_cast<std::ptrdiff_t>(sorted_.size());
  sorted_.reserve(sorted_.size() + added_.size());
  for (const auto& [tag, entry] : added_) sorted_.push_back(entry);
  added_.clear();
  const auto by_tag = [](const Entry& a, const Entry& b) { return a.tag < b.tag; };
  std::sort(sorted_.begin() + middle, sorted_.end(), by_tag);
  std::inplace_merge(sorted_.begin(), sorted_.begin() + middle, sorted_.end(), by_tag);
}

std::vector<std::int64_t> KnownIndex::unmet(std::int64_t after, std::size_t limit) const {
  std::vector<std::int64_t> ids;
  const auto look = [&](const Entry& entry) {
    if (entry.id > after && !entry.met) ids.push_back(entry.id);
  };
  for (const Entry& entry : sorted_) look(entry);
  for (const auto& [tag, entry] : added_) look(entry);
  const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(limit, ids.size()));
  std::partial_sort(ids.begin(), end, ids.end());
  ids.erase(end, ids.end());
  return ids;
}

void KnownIndex::forget_met() {
  for (Entry& entry : sorted_) entry.met = false;
  for (auto& [tag, entry] : added_) entry.met = false;
}

}  // namespace qianzhi::flow
