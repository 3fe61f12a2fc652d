// Finding topics by words: id, code, titles in both languages, first letters in pinyin, and the same of their items.
// Needs no dictionary: the hub wrote the initials into the catalogue.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/model/topic.h"

namespace qianzhi::catalogue {

struct Hit {
  const Topic* topic = nullptr;
  int score = 0;
  std::vector<const Item*> items;  // that a word was found in, in the topic's order
};

// The texts of a catalogue made ready for many searches. The catalogue must outlive it. Immutable.
class SearchIndex {
 public:
  explicit SearchIndex(const Catalogue& catalogue);

  // Topics in which each of the words is found, the best first, at most `limit`. Words are separated by spaces; upper
  // and lower case, full and half width are the same. No words: all topics by id.
  std::vector<Hit> search(std::string_view words, std::size_t limit) const;

 private:
  struct Text {
    std::string id;
    std::string title;
    std::string title_en;
    std::string initials;
  };
  struct Entry {
    const Topic* topic = nullptr;
    Text text;
    std::string code;
    std::string department;
    std::vector<Text> items;
  };

  static int score_of(const Entry& entry, std::string_view word, std::vector<bool>& in_items);

  std::vector<Entry> entries_;
};

// The longest that is looked at of the words: octets.
inline constexpr std::size_t longest_query = 200;

}  // namespace qianzhi::catalogue
