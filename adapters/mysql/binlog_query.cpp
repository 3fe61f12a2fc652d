#include "adapters/mysql/binlog_query.h"

#include <algorithm>
#include <array>

namespace qianzhi::mysql {

namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_word(const std::vector<Word>& words, std::size_t at, std::string_view text) {
  return at < words.size() && !words[at].quoted && is_same_name(words[at].text, text);
}

template <std::size_t count>
bool begins_with_one(const std::vector<Word>& words, const std::array<std::string_view, count>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](std::string_view text) { return is_word(words, 0, text); });
}

// Behind the quoted part that begins at `at`; its text, quotes undone, goes to `text`.
std::size_t skip_quoted(std::string_view sql, std::size_t at, std::string& text) {
  const char quote = sql[at++];
  while (at < sql.size()) {
    if (sql[at] == quote) {
      if (at + 1 >= sql.size() || sql[at + 1] != quote) return at + 1;
      ++at;
    } else if (sql[at] == '\\' && quote != '`' && at + 1 < sql.size()) {
      ++at;
    }
    text.push_back(sql[at++]);
  }
  return at;
}

// Behind a comment, or `at` if there is none; a comment for versions is only opened.
std::size_t skip_comment(std::string_view sql, std::size_t at) {
  const std::string_view rest = sql.substr(at);
  if (rest.substr(0, 1) == "#" || rest.substr(0, 3) == "-- " || rest.substr(0, 3) == "--\n")
    return std::min(sql.find('\n', at), sql.size());
  if (rest.substr(0, 2) == "*/") return at + 2;
  if (rest.substr(0, 2) != "/*") return at;
  if (rest.substr(0, 3) == "/*!" || rest.substr(0, 4) == "/*M!") {
    std::size_t behind = at + (rest[2] == '!' ? 3 : 4);
    while (behind < sql.size() && sql[behind] >= '0' && sql[behind] <= '9') ++behind;
    return behind;
  }
  const std::size_t end = sql.find("*/", at + 2);
  return end == std::string_view::npos ? sql.size() : end + 2;
}

}  // namespace

bool is_same_name(std::string_view one, std::string_view other) {
  return one.size() == other.size() &&
         std::equal(one.begin(), one.end(), other.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

// Texts in double quotes are kept as names: with ANSI_QUOTES they are.
std::vector<Word> words_of(std::string_view sql) {
  std::vector<Word> words;
  for (std::size_t at = 0; at < sql.size();) {
    if (const std::size_t behind = skip_comment(sql, at); behind != at) {
      at = behind;
    } else if (sql[at] == '\'' || sql[at] == '"' || sql[at] == '`') {
      Word word{{}, true};
      const bool text = sql[at] == '\'';
      at = skip_quoted(sql, at, word.text);
      if (!text) words.push_back(std::move(word));
    } else if (is_name_character(sql[at])) {
      const std::size_t begin = at;
      while (at < sql.size() && is_name_character(sql[at])) ++at;
      words.push_back({std::string(sql.substr(begin, at - begin)), false});
    } else {
      if (sql[at] > ' ') words.push_back({std::string(1, sql[at]), false});
      ++at;
    }
  }
  return words;
}

StatementKind kind_of(const std::vector<Word>& words) {
  static constexpr std::array<std::string_view, 4> begins{"BEGIN", "START", "SAVEPOINT", "RELEASE"};
  static constexpr std::array<std::string_view, 4> definitions{"ALTER", "CREATE", "DROP", "RENAME"};
  static constexpr std::array<std::string_view, 12> nothings{"SET",     "FLUSH",   "GRANT",     "REVOKE",
                                                             "ANALYZE", "CHECK",   "OPTIMIZE",  "REPAIR",
                                                             "USE",     "INSTALL", "UNINSTALL", "SHUTDOWN"};
  if (words.empty()) return StatementKind::nothing;
  const std::size_t first = is_word(words, 0, "XA") ? 1 : 0;
  if (first == 1 && (is_word(words, 1, "START") || is_word(words, 1, "BEGIN") || is_word(words, 1, "END") ||
                     is_word(words, 1, "PREPARE")))
    return StatementKind::begin;
  if (is_word(words, first, "COMMIT")) return StatementKind::commit;
  if (is_word(words, first, "ROLLBACK")) {
    const bool to = is_word(words, 1, "TO") || (is_word(words, 1, "WORK") && is_word(words, 2, "TO"));
    return first == 0 && to ? StatementKind::rollback_to : StatementKind::rollback;
  }
  if (begins_with_one(words, begins)) return StatementKind::begin;
  if (is_word(words, 0, "TRUNCATE")) return StatementKind::truncate;
  if (begins_with_one(words, definitions)) return StatementKind::definition;
  return begins_with_one(words, nothings) ? StatementKind::nothing : StatementKind::rows;
}

bool names_table(const std::vector<Word>& words, std::string_view default_schema, std::string_view schema,
                 std::string_view table) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_same_name(words[i].text, table)) continue;
    const bool with_schema = i >= 2 && words[i - 1].text == "." && !words[i - 1].quoted;
    if (is_same_name(with_schema ? std::string_view(words[i - 2].text) : default_schema, schema)) return true;
  }
  return false;
}

bool names_schema(const std::vector<Word>& words, std::string_view schema) {
  return std::any_of(words.begin(), words.end(), [&](const Word& word) { return is_same_name(word.text, schema); });
}

bool keeps_rows(const std::vector<Word>& words) {
  // CREATE INDEX ... ON t, CREATE TRIGGER ... ON t, DROP INDEX, DROP TRIGGER, views.
  const auto second = [&](std::string_view text) {
    return std::any_of(words.begin() + 1, words.begin() + std::min<std::ptrdiff_t>(8, std::ssize(words)),
                       [&](const Word& word) { return !word.quoted && is_same_name(word.text, text); });
  };
  if (words.empty()) return true;
  if (is_word(words, 0, "CREATE") || is_word(words, 0, "DROP"))
    return !second("TABLE") && !second("DATABASE") && !second("SCHEMA");
  if (!is_word(words, 0, "ALTER")) return false;
  static constexpr std::array<std::string_view, 12> changing{"MODIFY",   "CHANGE",        "CONVERT", "PARTITION",
                                                             "RENAME",   "DROP",          "IMPORT",  "DISCARD",
                                                             "EXCHANGE", "COLUMN_FORMAT", "REMOVE",  "REORGANIZE"};
  return std::none_of(words.begin(), words.end(), [&](const Word& word) {
    return !word.quoted && std::any_of(changing.begin(), changing.end(),
                                       [&](std::string_view text) { return is_same_name(word.text, text); });
  });
}

}  // namespace qianzhi::mysql
