#include "hub-protocol/yaml/reader.h"

#include <algorithm>

#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::yaml {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string in_quotes(std::string_view text) { return "\"" + beginning_of(text, 100) + "\""; }

}  // namespace

void complain_kind(const Node& node, std::string_view path, std::string_view wanted, Diagnostics& diagnostics) {
  const bool is_damaged = node.place.source != nullptr && node.place.source->is_damaged();
  const bool is_empty = node.is_empty() || (wanted == "text" && node.is_scalar() && node.text.empty());
  if (is_empty && is_damaged) return;
  std::string zh = "一段文字";
  std::string en = "a text";
  if (wanted == "map") zh = "一组 \"键: 值\"", en = "\"key: value\" entries";
  if (wanted == "list") zh = "一个列表", en = "a list";
  const std::string where(path.empty() ? "文件" : path);
  const std::string_view code = is_empty ? "QZ-CFG-018" : "QZ-CFG-014";
  diagnostics.error(code, node.place, where + (is_empty ? " 没有值，应为" : " 应为") + zh,
                    where + (is_empty ? " has no value; it must be " : " must be ") + en,
                    wanted == "list" ? "例如 (for example): [a, b]" : "");
}

void complain_form(const Node& node, std::string_view path, std::string_view expected_zh, std::string_view expected_en,
                   Diagnostics& diagnostics) {
  const std::string where(path);
  diagnostics.error("QZ-CFG-019", node.place,
                    where + " 的值 " + in_quotes(node.text) + " 不对，应为" + std::string(expected_zh),
                    where + ": " + in_quotes(node.text) + " is not " + std::string(expected_en));
}

void complain_key(const Entry& entry, std::string_view path, std::string_view expected_zh, std::string_view expected_en,
                  Diagnostics& diagnostics) {
  Node key;
  key.kind = Node::Kind::scalar;
  key.text = entry.key;
  key.place = entry.key_place;
  complain_form(key, path, expected_zh, expected_en, diagnostics);
}

MapReader::MapReader(const Node* node, std::string path, Diagnostics& diagnostics)
    : path_(std::move(path)), diagnostics_(&diagnostics) {
  if (node != nullptr) place_ = node->place;
  if (diagnostics.record() != nullptr)
    shape_ = &diagnostics.record()->shape(node != nullptr && node->is_map() ? node : nullptr);
  if (node == nullptr || !node->is_map()) {
    if (node != nullptr) complain_kind(*node, path_, "map", diagnostics);
    return;
  }
  node_ = node;
}

std::string MapReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

Asked* MapReader::ask(std::string_view key, ValueKind kind) {
  if (shape_ == nullptr) return nullptr;
  Asked& asked = shape_->ask(key);
  if (kind != ValueKind::any) asked.kind = kind;
  return &asked;
}

void MapReader::ask_usual(std::string_view key, ValueKind kind, std::string fallback) {
  if (Asked* asked = ask(key, kind)) asked->fallback = std::move(fallback);
}

void MapReader::form(std::string_view key, std::string_view pattern) {
  if (Asked* asked = ask(key, ValueKind::any)) asked->pattern = pattern;
}

void MapReader::words(std::string_view key, const std::vector<std::string>& words) {
  if (Asked* asked = ask(key, ValueKind::words)) asked->words = words;
}

void MapReader::any_key() {
  if (shape_ != nullptr) shape_->any_key = true;
}

void MapReader::pin(std::string_view key) {
  if (shape_ != nullptr) shape_->pinned = key;
}

const Node* MapReader::find(std::string_view key) {
  if (Asked* asked = ask(key, ValueKind::any)) asked->looked = true;
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  return node_ == nullptr ? nullptr : node_->find(key);
}

const Node* MapReader::require(std::string_view key) {
  if (Asked* asked = ask(key, ValueKind::any)) asked->required = asked->required || !asked->looked;
  const Node* found = find(key);
  if (found != nullptr) return found;
  if (node_ != nullptr) missing_.emplace_back(key);
  return nullptr;
}

const Node* MapReader::scalar(std::string_view key, bool required) {
  const Node* node = required ? require(key) : find(key);
  if (node == nullptr) return nullptr;
  if (!node->is_scalar() || node->text.empty()) {
    Node shown = *node;
    if (node->is_scalar()) shown.kind = Node::Kind::empty;
    complain_kind(shown, path_of(key), "text", *diagnostics_);
    return nullptr;
  }
  return node;
}

std::string MapReader::text(std::string_view key) {
  ask(key, ValueKind::text);
  const Node* node = scalar(key, true);
  return node == nullptr ? std::string() : node->text;
}

std::string MapReader::text(std::string_view key, std::string_view fallback) {
  ask_usual(key, ValueKind::text, std::string(fallback));
  const Node* node = scalar(key, false);
  return node == nullptr ? std::string(fallback) : node->text;
}

std::optional<std::uint64_t> MapReader::integer_in(std::string_view key, bool required, std::uint64_t least,
                                                   std::uint64_t most) {
  if (Asked* asked = ask(key, ValueKind::integer)) asked->least = least, asked->most = most;
  const Node* node = scalar(key, required);
  if (node == nullptr) return std::nullopt;
  const auto value = parse_integer(node->text);
  if (value && *value >= least && *value <= most) return value;
  const std::string range = std::to_string(least) + " .. " + std::to_string(most);
  diagnostics_->error("QZ-CFG-016", node->place, path_of(key) + " 的值 " + in_quotes(node->text) + " 应为整数 " + range,
                      path_of(key) + ": " + in_quotes(node->text) + " must be an integer, " + range,
                      "只写十进制数字，不带前导 0 (decimal digits only, no leading 0)");
  return std::nullopt;
}

std::uint64_t MapReader::integer(std::string_view key, std::uint64_t least, std::uint64_t most) {
  return integer_in(key, true, least, most).value_or(least);
}

std::uint64_t MapReader::integer(std::string_view key, std::uint64_t least, std::uint64_t most,
                                 std::uint64_t fallback) {
  ask_usual(key, ValueKind::integer, std::to_string(fallback));
  return integer_in(key, false, least, most).value_or(fallback);
}

std::optional<std::uint64_t> MapReader::size_of(std::string_view key, bool required) {
  ask(key, ValueKind::size);
  const Node* node = scalar(key, required);
  if (node == nullptr) return std::nullopt;
  const auto value = parse_size(node->text);
  if (value) return value;
  const bool is_number = parse_integer(node->text).has_value();
  diagnostics_->error("QZ-CFG-015", node->place,
                      is_number ? in_quotes(node->text) + " 缺少单位，例如 " + node->text + "GiB"
                                : in_quotes(node->text) + " 不是容量，应为整数加单位",
                      is_number ? in_quotes(node->text) + " has no unit, for example " + node->text + "GiB"
                                : in_quotes(node->text) + " is no size: an integer and a unit",
                      "单位 (units): B KiB MiB GiB TiB");
  return std::nullopt;
}

std::uint64_t MapReader::size(std::string_view key) { return size_of(key, true).value_or(0); }

std::uint64_t MapReader::size(std::string_view key, std::uint64_t fallback) {
  ask_usual(key, ValueKind::size, size_text(fallback));
  return size_of(key, false).value_or(fallback);
}

std::optional<Micros> MapReader::duration_of(std::string_view key, bool required) {
  ask(key, ValueKind::duration);
  const Node* node = scalar(key, required);
  if (node == nullptr) return std::nullopt;
  const auto value = parse_duration(node->text);
  if (value) return value;
  const bool is_number = parse_integer(node->text).has_value();
  diagnostics_->error("QZ-CFG-015", node->place,
                      is_number ? in_quotes(node->text) + " 缺少单位，例如 " + node->text + "s"
                                : in_quotes(node->text) + " 不是时长，应为整数加单位",
                      is_number ? in_quotes(node->text) + " has no unit, for example " + node->text + "s"
                                : in_quotes(node->text) + " is no duration: an integer and a unit",
                      "单位 (units): us ms s m h d");
  return std::nullopt;
}

Micros MapReader::duration(std::string_view key) { return duration_of(key, true).value_or(0); }

Micros MapReader::duration(std::string_view key, Micros fallback) {
  ask_usual(key, ValueKind::duration, duration_text(static_cast<std::uint64_t>(fallback)));
  return duration_of(key, false).value_or(fallback);
}

bool MapReader::boolean(std::string_view key, bool fallback) {
  const bool value = choice<bool>(key, {{"true", true}, {"false", false}}, fallback);
  ask(key, ValueKind::boolean);
  return value;
}

std::string MapReader::one_of(std::string_view key, const std::vector<std::string>& words, const std::string& usual) {
  if (Asked* asked = ask(key, ValueKind::word)) asked->words = words, asked->fallback = usual;
  const Node* node = scalar(key, false);
  if (node == nullptr) return {};
  if (std::find(words.begin(), words.end(), node->text) != words.end()) return node->text;
  const std::string guess = nearest(node->text, words);
  diagnostics_->error(
      "QZ-CFG-017", node->place,
      path_of(key) + " 不能是 " + in_quotes(node->text) + (guess.empty() ? "" : "，是否想写 \"" + guess + "\"？"),
      path_of(key) + " cannot be " + in_quotes(node->text) + (guess.empty() ? "" : "; did you mean \"" + guess + "\"?"),
      "可用 (allowed): " + joined(words));
  return {};
}

std::string MapReader::id(std::string_view key) {
  ask(key, ValueKind::id);
  const Node* node = scalar(key, true);
  if (node == nullptr) return {};
  if (!is_id(node->text)) {
    complain_form(*node, path_of(key), "小写字母、数字和 . _ -，以字母或数字开头，最多 100 个字符",
                  "an id: lower-case letters, digits and . _ -, a letter or digit first, at most 100 characters",
                  *diagnostics_);
    return {};
  }
  return node->text;
}

std::filesystem::path MapReader::beside(const std::string& text) const {
  std::filesystem::path path(text);
  if (path.is_absolute() || place_.source == nullptr) return path;
  return (place_.source->file().parent_path() / path).lexically_normal();
}

std::filesystem::path MapReader::file(std::string_view key) {
  ask(key, ValueKind::file);
  const Node* node = scalar(key, true);
  return node == nullptr ? std::filesystem::path() : beside(node->text);
}

std::filesystem::path MapReader::file(std::string_view key, const std::filesystem::path& fallback) {
  ask_usual(key, ValueKind::file, fallback.string());
  const Node* node = scalar(key, false);
  return node == nullptr ? fallback : beside(node->text);
}

std::optional<Secret> MapReader::secret(std::string_view key, bool required) {
  ask(key, ValueKind::secret);
  const Node* node = required ? require(key) : find(key);
  if (node == nullptr) return std::nullopt;
  const std::string cure = "写成 (write): " + std::string(key) + ": {file: PATH} 或 (or) {credential: NAME}";
  // What stands there may be the secret itself: it is never repeated.
  if (!node->is_map()) {
    if (node->is_empty()) {
      complain_kind(*node, path_of(key), "map", *diagnostics_);
    } else {
      diagnostics_->error("QZ-CFG-021", {node->place.source, node->place.line, node->place.column, 8},
                          "配置文件中不能直接写密码或密钥（值已隐藏）",
                          "a secret must not be written in a configuration file (value hidden)", cure);
    }
    return std::nullopt;
  }
  const Node* file = node->find("file");
  const Node* credential = node->find("credential");
  const Node* one = file != nullptr ? file : credential;
  if (node->entries.size() != 1 || one == nullptr || !one->is_scalar() || one->text.empty()) {
    diagnostics_->error("QZ-CFG-021", {node->place.source, node->place.line, node->place.column, 8},
                        path_of(key) + " 只能写 file 或 credential 其中之一（内容已隐藏）",
                        path_of(key) + " takes exactly one of file and credential (content hidden)", cure);
    return std::nullopt;
  }
  if (file != nullptr) return Secret{beside(file->text), {}};
  if (!is_id(credential->text)) {
    complain_form(*credential, path_of(key) + ".credential", "凭据的名字", "the name of a credential", *diagnostics_);
    return std::nullopt;
  }
  return Secret{{}, credential->text};
}

std::vector<const Node*> MapReader::list(std::string_view key, bool one_too) {
  if (Asked* asked = ask(key, ValueKind::any)) {
    if (asked->kind == ValueKind::any) asked->kind = ValueKind::texts;
    asked->one_too = one_too;
  }
  const Node* node = find(key);
  std::vector<const Node*> found;
  if (node == nullptr) return found;
  if (one_too && node->is_scalar() && !node->text.empty()) return {node};
  if (!node->is_sequence()) {
    complain_kind(*node, path_of(key), "list", *diagnostics_);
    return found;
  }
  for (const Node& item : node->items) {
    if (item.is_scalar() && !item.text.empty()) {
      found.push_back(&item);
    } else {
      complain_kind(item, path_of(key), "text", *diagnostics_);
    }
  }
  return found;
}

MapReader MapReader::map(std::string_view key, bool required) {
  const Node* node = required ? require(key) : find(key);
  MapReader reader(node, path_of(key), *diagnostics_);
  if (Asked* asked = ask(key, ValueKind::map); asked != nullptr && node == nullptr) asked->inside = reader.shape_;
  return reader;
}

void MapReader::finish() {
  if (node_ == nullptr) return;
  std::vector<std::string> misspelt;
  for (const Entry& entry : node_->entries) {
    if (std::find(asked_.begin(), asked_.end(), entry.key) != asked_.end()) continue;
    const std::string guess = nearest(entry.key, asked_);
    const std::string zh = path_.empty() ? "文件中没有 " : path_ + " 中没有 ";
    diagnostics_->error("QZ-CFG-012", entry.key_place,
                        zh + in_quotes(entry.key) + (guess.empty() ? "" : "，是否想写 \"" + guess + "\"？"),
                        "unknown key " + in_quotes(entry.key) + (path_.empty() ? "" : " in " + path_) +
                            (guess.empty() ? "" : "; did you mean \"" + guess + "\"?"),
                        "可用 (allowed): " + joined(asked_));
    misspelt.push_back(guess);
  }
  if (place_.source != nullptr && place_.source->is_damaged()) return;
  for (const std::string& key : missing_) {
    // Named already, as what the unknown key should be.
    if (std::find(misspelt.begin(), misspelt.end(), key) != misspelt.end()) continue;
    diagnostics_->error("QZ-CFG-013", place_, (path_.empty() ? "文件" : path_) + " 缺少必填的 \"" + key + "\"",
                        (path_.empty() ? "the file" : path_) + " lacks \"" + key + "\", which is required");
  }
}

}  // namespace qianzhi::yaml
