// What a person may see of a line: everything but plain secrets.
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "hub-protocol/yaml/diagnostics.h"
#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::yaml {

namespace {

constexpr std::string_view stars = "********";
constexpr std::string_view full_width_equals = "\xEF\xBC\x9D";

bool is_word(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet >= 0x80 || std::isalnum(octet) != 0 || c == '_' || c == '-';
}

std::string_view trim_left(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\"'");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

// A reference names the secret and does not hold it: file: PATH or credential: NAME and nothing else.
bool is_reference(std::string_view value) {
  if (value.substr(0, 1) == "{") {
    value = value.substr(0, value.find('}'));
    value = trim_left(value.substr(1));
  }
  for (const std::string_view name : {"file", "credential"}) {
    if (value.substr(0, name.size()) != name) continue;
    const std::string_view rest = trim_left(value.substr(name.size()));
    if (rest.substr(0, 1) == ":") return rest.find_first_of(",[{") == std::string_view::npos;
  }
  return false;
}

struct Value {
  std::size_t start = 0;
  bool is_reference = false;
  bool is_key_item = false;  // `key`, which also names the key of a topic
};

// Length of the sign that ends a key at this place: `:`, `=` or a full-width form. 0: none.
std::size_t separator_at(std::string_view line, std::size_t at) {
  if (at >= line.size()) return 0;
  if (line[at] == ':' || line[at] == '=') return 1;
  if (line.substr(at, 3) == full_width_colon || line.substr(at, 3) == full_width_equals) return 3;
  return 0;
}

// Where the next value of a secret key starts, searching from `from`.
std::optional<Value> find_secret(std::string_view line, std::size_t from) {
  std::size_t at = from;
  while (at < line.size()) {
    if (!is_word(line[at])) {
      ++at;
      continue;
    }
    const std::size_t start = at;
    while (at < line.size() && is_word(line[at]) && separator_at(line, at) == 0) ++at;
    const std::string_view word = line.substr(start, at - start);
    std::size_t sign = at;
    while (sign < line.size() && (line[sign] == ' ' || line[sign] == '"' || line[sign] == '\'')) ++sign;
    const std::size_t length = separator_at(line, sign);
    // `password hunter2`: the colon was forgotten, the secret was not.
    const bool lacks_sign = length == 0 && sign > at && sign < line.size() && word != "key";
    if (word.empty()) at += std::max<std::size_t>(separator_at(line, at), 1);
    if ((length == 0 && !lacks_sign) || !names_secret(word)) continue;
    std::size_t value = sign + length;
    while (value < line.size() && (line[value] == ' ' || line[value] == '\t')) ++value;
    return Value{value, is_reference(line.substr(value)), word == "key"};
  }
  return std::nullopt;
}

// scheme://user:password@host
std::string mask_address(std::string_view line) {
  const std::size_t scheme = line.find("://");
  if (scheme == std::string_view::npos) return std::string(line);
  const std::size_t start = scheme + 3;
  const std::size_t at = line.find('@', start);
  const std::size_t colon = line.find(':', start);
  if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return std::string(line);
  return std::string(line.substr(0, colon + 1)).append(stars).append(line.substr(at));
}

// Terminals obey control characters; a shown file must not.
std::string harmless(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    const Character character = character_at(line, at);
    if (character.value == '\t') {
      out += "→";
    } else if (character.value < 0x20 || (character.value >= 0x7F && character.value < 0xA0) ||
               character.value == not_a_character) {
      out += '?';
    } else {
      out += line.substr(at, character.octets);
    }
    at += character.octets;
  }
  return out;
}

std::size_t indent_of(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

// True if lines below that stand deeper may belong to a secret.
bool opens_secret(std::string_view line) {
  std::size_t from = 0;
  while (const auto value = find_secret(line, from)) {
    if (!value->is_reference && !value->is_key_item) return true;
    from = value->start;
  }
  return false;
}

}  // namespace

bool names_secret(std::string_view key) {
  std::string name(key);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::tolower(c)); });
  for (const std::string_view exact :
       {"key", "private_key", "signing_key", "second_signing_key", "pseudonym_key", "signature", "bearer", "pwd"}) {
    if (name == exact) return true;
  }
  for (const std::string_view part : {"passw", "passphrase", "secret", "token", "密码", "口令"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

std::string mask_secrets(std::string_view line) {
  std::string plain = mask_address(line);
  std::size_t from = 0;
  while (const auto value = find_secret(plain, from)) {
    from = std::max(value->start, from + 1);
    const std::string_view rest = std::string_view(plain).substr(value->start);
    const bool is_comment = rest == "#" || rest.substr(0, 2) == "# ";
    if (value->is_reference || rest.empty() || is_comment) continue;
    if (value->is_key_item && rest.front() == '[') continue;
    return plain.substr(0, value->start).append(stars);
  }
  return plain;
}

SourceText::SourceText(std::filesystem::path file, std::string_view text) : file_(std::move(file)) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  constexpr std::size_t none = std::string_view::npos;
  std::size_t secret_indent = none;  // of the line above that opens a secret
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const std::size_t indent = indent_of(line);
    const bool is_blank = indent == line.size();
    if (!is_blank && indent <= secret_indent) secret_indent = none;
    const bool is_inside = secret_indent != none && !is_blank;
    if (is_inside && !is_reference(line.substr(indent)) && line[indent] != '#') {
      lines_.push_back(std::string(line.substr(0, indent)).append(stars));
    } else {
      lines_.push_back(harmless(mask_secrets(line)));
    }
    if (secret_indent == none && opens_secret(line)) secret_indent = indent;
  }
}

std::string_view SourceText::line(std::size_t number) const {
  if (number == 0 || number > lines_.size()) return {};
  return lines_[number - 1];
}

}  // namespace qianzhi::yaml
