// What is known of the rows of one table, in memory while a walk needs it: 32 octets a row. Finding is logarithmic;
// additions are merged in, so that each costs little however many there are. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace qianzhi::flow {

class KnownIndex {
 public:
  struct Entry {
    std::array<char, 16> tag{};  // stands for the key
    std::uint64_t digest = 0;    // stands for the values
    std::int64_t id : 63 = 0;    // in the store; 0: no such row
    bool met : 1 = false;
  };

  // tag: 16 octets, digest: at least 8, of which the first 8 count. Replaces an entry of the same tag.
  void put(std::string_view tag, std::string_view digest, std::int64_t id);
  // Nothing if there is none; good until the next put().
  Entry* find(std::string_view tag);
  void erase(std::string_view tag);
  static std::uint64_t short_digest(std::string_view digest);

  // Ids of the rows that were not met, at most `limit`, ascending, greater than `after`.
  std::vector<std::int64_t> unmet(std::int64_t after, std::size_t limit) const;
  // A new walk has met nothing yet.
  void forget_met();
  std::size_t size() const { return sorted_.size() + added_.size(); }

 private:
  using Tag = std::array<char, 16>;
  struct HashOfTag {
    std::size_t operator()(const Tag& tag) const;
  };
  void merge();

  std::vector<Entry> sorted_;  // by tag; id 0: erased
  std::unordered_map<Tag, Entry, HashOfTag> added_;
};

}  // namespace qianzhi::flow
