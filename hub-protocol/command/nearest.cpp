#include "hub-protocol/command/nearest.h"

#include <algorithm>

namespace qianzhi::command {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) rows[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  return rows[a.size()][b.size()];
}

std::string nearest(std::string_view typed, const std::vector<std::string>& known) {
  constexpr std::size_t longest = 64;
  std::string found;
  if (typed.size() > longest) return found;
  std::size_t best = std::min<std::size_t>(3, (typed.size() + 2) / 3) + 1;
  for (const std::string& word : known) {
    const std::size_t away = distance(typed, word);
    if (away >= best) continue;
    best = away;
    found = word;
  }
  return found;
}

}  // namespace qianzhi::command
