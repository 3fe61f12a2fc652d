#include "hub-protocol/catalogue/search.h"

#include <algorithm>

namespace qianzhi::catalogue {

namespace {

// What a word is worth where it is found. A topic's own name counts more than that of one of its items, the whole name
// more than its beginning, that more than anything inside.
struct Worth {
  int whole = 0;
  int beginning = 0;
  int inside = 0;
};
constexpr Worth of_name{100, 60, 40};
constexpr Worth of_english{80, 40, 30};
constexpr Worth of_initials{70, 45, 20};
constexpr Worth of_department{15, 5, 0};
constexpr Worth of_item_name{25, 18, 12};
constexpr Worth of_item_initials{16, 8, 4};

constexpr std::string_view wide_space = "\xE3\x80\x80";

// Lower case and half width, octet by octet: U+FF01 to U+FF5E are the ASCII signs in full width.
std::string folded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    const auto octet = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
    const bool wide = octet(i) == 0xEF && ((octet(i + 1) == 0xBC && octet(i + 2) >= 0x81) ||
                                           (octet(i + 1) == 0xBD && octet(i + 2) >= 0x80 && octet(i + 2) <= 0x9E));
    if (wide) {
      c = static_cast<char>(octet(i + 1) == 0xBC ? octet(i + 2) - 0x60 : octet(i + 2) - 0x20);
      i += 2;
    } else if (text.substr(i, wide_space.size()) == wide_space) {
      c = ' ';
      i += 2;
    }
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

int worth_of(std::string_view text, std::string_view word, const Worth& worth) {
  const std::size_t at = text.find(word);
  if (at == std::string_view::npos) return 0;
  if (at != 0) return worth.inside;
  return text.size() == word.size() ? worth.whole : worth.beginning;
}

std::vector<std::string> words_of(std::string_view query) {
  const std::string text = folded(query.substr(0, longest_query));
  std::vector<std::string> words;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(" \t\n"), rest.size());
    if (end != 0) words.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return words;
}

}  // namespace

SearchIndex::SearchIndex(const Catalogue& catalogue) {
  const auto text_of = [](const auto& named) {
    return Text{folded(named.id), folded(named.title), folded(named.title_en), named.initials};
  };
  entries_.reserve(catalogue.topics.size());
  for (const auto& [id, topic] : catalogue.topics) {
    Entry& entry = entries_.emplace_back(Entry{&topic, text_of(topic), folded(topic.code), topic.department, {}});
    for (const Item& item : topic.items) entry.items.push_back(text_of(item));
  }
}

int SearchIndex::score_of(const Entry& entry, std::string_view word, std::vector<bool>& in_items) {
  // "opening_registration" is the beginning of a name as much as "commerce.opening_registration" is.
  const std::string_view id = entry.text.id;
  const std::string_view own_id = id.substr(id.find('.') == std::string_view::npos ? 0 : id.find('.') + 1);
  int best =
      std::max({worth_of(id, word, of_name), worth_of(own_id, word, of_name), worth_of(entry.code, word, of_name),
                worth_of(entry.text.title, word, of_name), worth_of(entry.text.title_en, word, of_english),
                worth_of(entry.text.initials, word, of_initials), worth_of(entry.department, word, of_department)});
  for (std::size_t i = 0; i < entry.items.size(); ++i) {
    const Text& item = entry.items[i];
    const int score =
        std::max({worth_of(item.id, word, of_item_name), worth_of(item.title, word, of_item_name),
                  worth_of(item.title_en, word, of_item_name), worth_of(item.initials, word, of_item_initials)});
    if (score != 0) in_items[i] = true;
    best = std::max(best, score);
  }
  return best;
}

std::vector<Hit> SearchIndex::search(std::string_view query, std::size_t limit) const {
  const std::vector<std::string> words = words_of(query);
  std::vector<Hit> hits;
  std::vector<bool> in_items;
  for (const Entry& entry : entries_) {
    in_items.assign(entry.items.size(), false);
    int score = 0;
    const bool all = std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      const int one = score_of(entry, word, in_items);
      score += one;
      return one != 0;
    });
    if (!all) continue;
    Hit& hit = hits.emplace_back(Hit{entry.topic, score, {}});
    for (std::size_t i = 0; i < in_items.size(); ++i)
      if (in_items[i]) hit.items.push_back(&entry.topic->items[i]);
  }
  std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.score > b.score; });
  if (hits.size() > limit) hits.resize(limit);
  return hits;
}

}  // namespace qianzhi::catalogue
