#include "hub-protocol/yaml/record.h"

#include <algorithm>

namespace qianzhi::yaml {

namespace {

// Lists of maps are told apart by what people call their entries.
std::string name_of(const Node& entry, std::size_t index) {
  for (const char* key : {"topic", "service", "id", "name", "topics", "agent", "party"})
    if (const Node* node = entry.find(key); node != nullptr && node->is_scalar()) return node->text;
  return std::to_string(index + 1);
}

class Settings {
 public:
  explicit Settings(const Record& record) : record_(record) {}

  void add(const Node& node, const std::string& path, const Asked* asked) {
    if (asked != nullptr && asked->kind == ValueKind::secret && node.is_map()) return add_secret(node, path);
    if (node.is_scalar() || node.is_empty())
      return found.push_back({path, mask_secrets(node.text), false, false, node.place.line});
    if (node.is_sequence()) return add_list(node, path);
    const Shape* shape = record_.find(node);
    for (const Entry& entry : node.entries)
      add(entry.value, path.empty() ? entry.key : path + "." + entry.key,
          shape == nullptr ? nullptr : shape->find(entry.key));
    if (shape != nullptr) add_absent(node, *shape, path);
  }

  std::vector<Setting> found;

 private:
  void add_secret(const Node& node, const std::string& path) {
    for (const Entry& entry : node.entries)
      found.push_back({path, entry.key + " " + entry.value.text, true, false, entry.value.place.line});
  }

  void add_list(const Node& node, const std::string& path) {
    const bool plain = std::all_of(node.items.begin(), node.items.end(), [](const Node& n) { return n.is_scalar(); });
    if (plain) {
      std::string text;
      for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + item.text;
      found.push_back({path, "[" + text + "]", false, false, node.place.line});
      return;
    }
    std::map<std::string, int> names;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      std::string name = name_of(node.items[i], i);
      if (const int number = ++names[name]; number > 1) name += "#" + std::to_string(number);
      add(node.items[i], path + "[" + name + "]", nullptr);
    }
  }

  void add_absent(const Node& node, const Shape& shape, const std::string& path) {
    for (const Asked& asked : shape.asked)
      if (node.find(asked.key) == nullptr) add_default(asked, path.empty() ? asked.key : path + "." + asked.key);
  }

  void add_default(const Asked& asked, const std::string& path) {
    if (!asked.fallback.empty()) found.push_back({path, asked.fallback, false, true, 0});
    if (asked.inside == nullptr) return;
    for (const Asked& inner : asked.inside->asked) add_default(inner, path + "." + inner.key);
  }

  const Record& record_;
};

template <typename Units>
std::string with_unit(std::uint64_t value, const Units& units) {
  for (const auto& [name, factor] : units)
    if (value != 0 && value % factor == 0) return std::to_string(value / factor) + name;
  return std::to_string(value) + units.back().first;
}

}  // namespace

const Asked* Shape::find(std::string_view key) const {
  const auto found = std::find_if(asked.begin(), asked.end(), [&](const Asked& one) { return one.key == key; });
  return found == asked.end() ? nullptr : &*found;
}

Asked& Shape::ask(std::string_view key) {
  const auto found = std::find_if(asked.begin(), asked.end(), [&](const Asked& one) { return one.key == key; });
  if (found != asked.end()) return *found;
  asked.emplace_back();
  asked.back().key = key;
  return asked.back();
}

Shape& Record::shape(const Node* node) { return node == nullptr ? absent_.emplace_back() : shapes_[node]; }

const Shape* Record::find(const Node& node) const {
  const auto found = shapes_.find(&node);
  return found == shapes_.end() ? nullptr : &found->second;
}

std::vector<Setting> settings_of(const Node& root, const Record& record) {
  Settings settings(record);
  settings.add(root, {}, nullptr);
  return std::move(settings.found);
}

std::vector<Setting> load_settings(const std::filesystem::path& file,
                                   const std::function<void(const Node&, Diagnostics&)>& read,
                                   Diagnostics& diagnostics) {
  const auto root = read_document(file, diagnostics);
  if (!root) return {};
  Record record;
  diagnostics.record_in(&record);
  read(*root, diagnostics);
  diagnostics.record_in(nullptr);
  return settings_of(*root, record);
}

std::string duration_text(std::uint64_t micros) {
  using Unit = std::pair<const char*, std::uint64_t>;
  static const std::vector<Unit> units = {{"d", 86'400'000'000ULL}, {"h", 3'600'000'000ULL}, {"m", 60'000'000},
                                          {"s", 1'000'000},         {"ms", 1'000},           {"us", 1}};
  return micros == 0 ? "0s" : with_unit(micros, units);
}

std::string size_text(std::uint64_t octets) {
  using Unit = std::pair<const char*, std::uint64_t>;
  static const std::vector<Unit> units = {
      {"TiB", 1ULL << 40U}, {"GiB", 1ULL << 30U}, {"MiB", 1ULL << 20U}, {"KiB", 1ULL << 10U}, {"B", 1}};
  return with_unit(octets, units);
}

}  // namespace qianzhi::yaml
