#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "hub-protocol/catalogue/files.h"
#include "hub-protocol/catalogue/write_parts.h"

namespace qianzhi::catalogue {

namespace {

// Plain where nobody could read it otherwise: ASCII words and ideographs.
bool is_plain(std::string_view text) {
  const auto is_word = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    // U+4E00 to U+9FFF begin with E4 to E9; E3 and EF begin full-width signs.
    const bool ideograph = c >= 0xE4 && c <= 0xE9 && i + 2 < text.size();
    if (!ideograph && !is_word(c)) return false;
    if (ideograph) i += 2;
  }
  return !text.empty();
}

std::string scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n')
      quoted += "\\n";
    else if (c == '\t')
      quoted += "\\t";
    else if (c != '\r')
      quoted += c;
  }
  return quoted + "\"";
}

std::string list(const std::vector<std::string>& words) {
  std::string text = "[";
  for (const std::string& word : words) text += (text.size() == 1 ? "" : ", ") + scalar(word);
  return text + "]";
}

// "title: ..., type: ..." of an item, without its id.
std::string item_map(const Item& item) {
  std::string text =
      "title: " + scalar(item.title) + ", title_en: " + scalar(item.title_en) + ", type: " + scalar(type_text(item));
  if (item.required) text += ", required: true";
  if (item.personal) text += ", personal: true";
  if (item.check != CheckRule::none) text += ", check: " + std::string(name_of(item.check));
  if (item.check_quarantines) text += ", check_quarantines: true";
  if (!item.code_table.empty()) text += ", code_table: " + scalar(item.code_table);
  return text;
}

std::string key_line(std::string_view key, const std::string& value) {
  return value.empty() ? std::string() : "    " + std::string(key) + ": " + scalar(value) + "\n";
}

std::string terms(const Topic& topic, const std::string& department) {
  std::string text;
  if (topic.department != department) text += key_line("department", topic.department);
  text += key_line("code", topic.code) + "    sharing: " + std::string(name_of(topic.sharing)) + "\n" +
          key_line("basis", topic.basis) + key_line("conditions", topic.conditions);
  if (!topic.purposes.empty()) text += "    purposes: " + list(topic.purposes) + "\n";
  text += "    publishable: " + std::string(topic.publishable ? "true" : "false") + "\n" +
          "    grade: " + std::string(name_of(topic.grade)) + "\n" +
          key_line("update_cycle", cycle_text(topic.update_cycle)) + key_line("contact", topic.contact) +
          key_line("summary", topic.summary);
  return text;
}

// Where each item is defined: once for all, once for a file, or where it is used.
class ItemPlaces {
 public:
  explicit ItemPlaces(const Catalogue& catalogue) {
    // Key items are required whatever their definition says, so that of the others decides.
    for (const bool keys : {false, true})
      for (const auto& [id, topic] : catalogue.topics)
        for (const Item& item : topic.items)
          if (topic.is_key(item.id) == keys) add(topic, item);
  }

  // True if the topic's item is as the one definition says.
  bool is_as_defined(const Topic& topic, const Item& item) const {
    return same(defined_.at(item.id).item, item, topic.is_key(item.id));
  }
  // Items that are defined in the file of this department; in catalogue.yaml for "".
  std::vector<Item> defined_in(const std::string& file) const {
    std::vector<Item> items;
    for (const auto& [id, definition] : defined_)
      if ((definition.files.size() == 1 ? *definition.files.begin() : std::string()) == file)
        items.push_back(definition.item);
    return items;
  }

 private:
  struct Definition {
    Item item;
    std::set<std::string> files;  // that use it
  };

  static bool same(Item definition, const Item& item, bool is_key) {
    if (is_key) definition.required = item.required;
    definition.initials = item.initials;
    return definition == item;
  }

  void add(const Topic& topic, const Item& item) {
    const bool is_key = topic.is_key(item.id);
    auto found = defined_.find(item.id);
    if (found == defined_.end()) {
      found = defined_.emplace(item.id, Definition{item, {}}).first;
      if (is_key) found->second.item.required = false;
    }
    if (same(found->second.item, item, is_key)) found->second.files.insert(file_of(topic));
  }

  std::map<std::string, Definition> defined_;
};

std::string items_part(const std::vector<Item>& items) {
  if (items.empty()) return {};
  std::string text = "\nitems:\n";
  for (const Item& item : items) text += "  " + item.id + ": {" + item_map(item) + "}\n";
  return text;
}

std::string topic_part(const Topic& topic, const ItemPlaces& places) {
  std::string text = "\n  " + topic.id + ":\n    title: " + scalar(topic.title) +
                     "\n    title_en: " + scalar(topic.title_en) + "\n" + terms(topic, file_of(topic)) +
                     "    mode: " + std::string(name_of(topic.mode)) + "\n    key: " + list(topic.key) + "\n" +
                     key_line("partition", topic.partition) + "    items:\n";
  for (const Item& item : topic.items)
    text += places.is_as_defined(topic, item) ? "      - " + item.id + "\n"
                                              : "      - {id: " + item.id + ", " + item_map(item) + "}\n";
  return text;
}

}  // namespace

Files yaml_files(const yaml::CatalogueFolder& content) {
  const Catalogue& catalogue = content.catalogue;
  const ItemPlaces places(catalogue);
  Files files;
  std::string shared = "# 政务数据目录 / the shared catalogue\nversion: " +
                       std::to_string(std::max<std::uint64_t>(1, catalogue.version)) + "\n";
  if (!catalogue.code_tables.empty()) shared += "\ncode_tables:\n";
  for (const auto& [id, table] : catalogue.code_tables) {
    shared += "  " + id + ":\n    title: " + scalar(table.title) + "\n    title_en: " + scalar(table.title_en) + "\n" +
              key_line("edition", table.edition) + "    file: " + scalar("codes/" + id + ".csv") + "\n" +
              (table.partial ? "    partial: true\n" : "");
    files["codes/" + id + ".csv"] = codes_csv(table);
  }
  files["catalogue.yaml"] = shared + items_part(places.defined_in({}));
  for (const auto& [id, department] : departments_of(content)) {
    std::string text = "department: {id: " + scalar(id) + ", title: " + scalar(department.title) +
                       ", title_en: " + scalar(department.title_en) + "}\n" + items_part(places.defined_in(id));
    std::string topics;
    for (const auto& [topic_id, topic] : catalogue.topics)
      if (file_of(topic) == id) topics += topic_part(topic, places);
    files[id + ".yaml"] = text + "\ntopics:" + (topics.empty() ? " {}\n" : topics);
  }
  return files;
}

}  // namespace qianzhi::catalogue
