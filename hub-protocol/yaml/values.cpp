// What texts of configuration files mean: numbers, sizes, durations, ids, and the word that was meant.
#include <algorithm>
#include <array>
#include <limits>

#include "hub-protocol/yaml/reader.h"

namespace qianzhi::yaml {

namespace {

constexpr std::size_t max_id = 100;

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 5> sizes = {
    {{"B", 1}, {"KiB", 1ULL << 10U}, {"MiB", 1ULL << 20U}, {"GiB", 1ULL << 30U}, {"TiB", 1ULL << 40U}}};
constexpr std::array<Unit, 6> durations = {
    {{"us", 1}, {"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000ULL}, {"d", 86'400'000'000ULL}}};

template <typename Units>
std::optional<std::uint64_t> parse_with_unit(std::string_view text, const Units& units) {
  const std::size_t split = text.find_first_not_of("0123456789");
  if (split == std::string_view::npos) return std::nullopt;
  const auto number = parse_integer(text.substr(0, split));
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != text.substr(split)) continue;
    if (*number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / unit.factor)
      return std::nullopt;
    return *number * unit.factor;
  }
  return std::nullopt;
}

bool is_same_letter(char a, char b) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return small(a) == small(b);
}

// Damerau-Levenshtein with adjacent swaps, whatever the case of letters; words are short.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = is_same_letter(a[i - 1], b[j - 1]) ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::optional<std::uint64_t> parse_integer(std::string_view text) {
  if (text.empty() || text.size() > 19) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::optional<std::uint64_t> parse_size(std::string_view text) { return parse_with_unit(text, sizes); }

std::optional<Micros> parse_duration(std::string_view text) {
  const auto micros = parse_with_unit(text, durations);
  if (!micros) return std::nullopt;
  return static_cast<Micros>(*micros);
}

std::string nearest(std::string_view word, const std::vector<std::string>& words) {
  constexpr std::size_t longest = 64;
  std::string best;
  if (word.empty() || word.size() > longest) return best;
  std::size_t least = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string& candidate : words) {
    if (candidate.size() > longest) continue;
    const std::size_t d = distance(word, candidate);
    if (d < least) least = d, best = candidate;
  }
  return best;
}

bool is_id(std::string_view text) {
  if (text.empty() || text.size() > max_id) return false;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (!is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace qianzhi::yaml
