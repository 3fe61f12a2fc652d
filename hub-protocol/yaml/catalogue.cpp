#include "hub-protocol/yaml/catalogue.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::yaml {

namespace {

constexpr std::string_view shared_file = "catalogue.yaml";
constexpr std::uint64_t max_length = 8U << 20U;
constexpr std::uint64_t max_precision = 1000;

using Items = std::map<std::string, Item, std::less<>>;

struct TypeText {
  ItemType type = ItemType::text;
  std::uint32_t length = 0;
  std::uint32_t scale = 0;
};

// "text(200)", "decimal(12,2)", "date". Nothing if it is none of them.
std::optional<TypeText> parse_type(std::string_view text) {
  const std::size_t open = text.find('(');
  const auto type = item_type_of(text.substr(0, open));
  if (!type) return std::nullopt;
  TypeText parsed{*type, 0, 0};
  const bool needs_scale = *type == ItemType::decimal;
  const bool may_have_length =
      *type == ItemType::text || *type == ItemType::code || *type == ItemType::digits || *type == ItemType::bytes;
  if (open == std::string_view::npos) return needs_scale ? std::nullopt : std::optional(parsed);
  if ((!may_have_length && !needs_scale) || text.back() != ')') return std::nullopt;
  std::string_view inside = text.substr(open + 1, text.size() - open - 2);
  if (needs_scale) {
    const std::size_t comma = inside.find(',');
    if (comma == std::string_view::npos) return std::nullopt;
    const auto scale = parse_integer(inside.substr(comma + 1));
    if (!scale || *scale > max_precision) return std::nullopt;
    parsed.scale = static_cast<std::uint32_t>(*scale);
    inside = inside.substr(0, comma);
  }
  const auto length = parse_integer(inside);
  if (!length || *length == 0 || *length > (needs_scale ? max_precision : max_length)) return std::nullopt;
  parsed.length = static_cast<std::uint32_t>(*length);
  if (needs_scale && parsed.scale > parsed.length) return std::nullopt;
  return parsed;
}

bool is_topic_id(std::string_view id) {
  return is_id(id) && id.find('-') == std::string_view::npos && id.find('.') != std::string_view::npos;
}

// Column names grow out of item ids, so they are plain words.
bool is_item_id(std::string_view id) {
  return is_id(id) && id.size() <= 60 && id.find_first_of("-.") == std::string_view::npos;
}

class FolderReader {
 public:
  explicit FolderReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void read_shared(const Node& root) {
    MapReader reader(&root, {}, diagnostics_);
    result_.catalogue.version = reader.integer("version", 1, UINT32_MAX);
    read_items(reader.find("items"), shared_);
    reader.finish();
  }

  void read_department(const Node& root) {
    MapReader reader(&root, {}, diagnostics_);
    MapReader head = reader.map("department", true);
    Department department;
    department.id = head.id("id");
    department.title = head.text("title");
    department.title_en = head.text("title_en");
    head.finish();
    if (!department.id.empty() && !result_.departments.emplace(department.id, department).second) {
      diagnostics_.error("QZ-CFG-031", head.place(), "部门 \"" + department.id + "\" 已在另一个文件中定义",
                         "department \"" + department.id + "\" is defined in another file already");
    }
    Items own;
    read_items(reader.find("items"), own);
    const Node* topics = reader.require("topics");
    if (topics != nullptr && !topics->is_map()) complain_kind(*topics, "topics", "map", diagnostics_);
    if (topics != nullptr) {
      for (const Entry& entry : topics->entries) read_topic(entry, own);
    }
    reader.finish();
  }

  CatalogueFolder take() { return std::move(result_); }

 private:
  void read_items(const Node* node, Items& items) {
    if (node == nullptr) return;
    if (!node->is_map()) return complain_kind(*node, "items", "map", diagnostics_);
    for (const Entry& entry : node->entries) {
      if (!is_item_id(entry.key)) {
        diagnostics_.error(
            "QZ-CFG-019", entry.key_place, "数据项标识 \"" + entry.key + "\" 只能用小写字母、数字和 _，最多 60 个字符",
            "item id \"" + entry.key + "\": lower-case letters, digits and _ only, at most 60 characters");
      }
      if (shared_.count(entry.key) != 0) {
        diagnostics_.error("QZ-CFG-031", entry.key_place, "数据项 \"" + entry.key + "\" 已在 catalogue.yaml 中定义",
                           "item \"" + entry.key + "\" is defined in catalogue.yaml already");
      }
      items.emplace(entry.key, read_item(entry));
    }
  }

  Item read_item(const Entry& entry) {
    MapReader reader(&entry.value, "items." + entry.key, diagnostics_);
    Item item;
    item.id = entry.key;
    item.title = reader.text("title");
    item.title_en = reader.text("title_en");
    const std::string type = reader.text("type");
    const auto parsed = parse_type(type);
    if (parsed) {
      item.type = parsed->type;
      item.length = parsed->length;
      item.scale = parsed->scale;
    } else if (!type.empty()) {
      complain_form(
          *reader.find("type"), reader.path_of("type"),
          "类型，例如 text(200) code(18) digits(6) integer \"decimal(12,2)\" date year timestamp boolean bytes",
          "a type such as text(200) code(18) digits(6) integer \"decimal(12,2)\" date year timestamp boolean bytes",
          diagnostics_);
    }
    item.required = reader.boolean("required", false);
    item.personal = reader.boolean("personal", false);
    item.check = reader.choice<CheckRule>("check",
                                          {{"none", CheckRule::none},
                                           {"registration_number", CheckRule::registration_number},
                                           {"organisation_code", CheckRule::organisation_code},
                                           {"credit_code", CheckRule::credit_code},
                                           {"citizen_id", CheckRule::citizen_id}},
                                          CheckRule::none);
    item.check_quarantines = reader.boolean("check_quarantines", false);
    reader.finish();
    return item;
  }

  void read_topic(const Entry& entry, const Items& own) {
    MapReader reader(&entry.value, "topics." + entry.key, diagnostics_);
    Topic topic;
    topic.id = entry.key;
    if (!is_topic_id(topic.id)) {
      diagnostics_.error("QZ-CFG-019", entry.key_place, "主题标识应为 \"部门.主题\"，只用小写字母、数字、_ 和 .",
                         "a topic id is \"department.topic\" of lower-case letters, digits, _ and .");
    }
    topic.title = reader.text("title");
    topic.title_en = reader.text("title_en");
    reader.require("mode");
    topic.mode =
        reader.choice<TopicMode>("mode", {{"state", TopicMode::state}, {"event", TopicMode::event}}, TopicMode::state);
    reader.require("items");
    for (const Node* node : reader.list("items")) add_item(topic, *node, own);
    reader.require("key");
    for (const Node* node : reader.list("key", true)) add_key(topic, *node);
    topic.partition = reader.text("partition", {});
    if (!topic.partition.empty() && topic.find(topic.partition) == nullptr) {
      unknown_item(*reader.find("partition"), topic);
    }
    reader.finish();
    const Node* key = reader.find("key");
    if (key != nullptr && key->is_sequence() && key->items.empty()) {
      diagnostics_.error("QZ-CFG-018", key->place, "主键不能为空", "the key must not be empty");
    }
    if (!result_.catalogue.topics.emplace(topic.id, topic).second) {
      diagnostics_.error("QZ-CFG-031", entry.key_place, "主题 \"" + topic.id + "\" 已在另一个文件中定义",
                         "topic \"" + topic.id + "\" is defined in another file already");
    }
  }

  void add_item(Topic& topic, const Node& node, const Items& own) {
    const auto found_own = own.find(node.text);
    const auto found_shared = shared_.find(node.text);
    if (found_own == own.end() && found_shared == shared_.end()) {
      std::vector<std::string> known;
      for (const auto& [id, item] : own) known.push_back(id);
      for (const auto& [id, item] : shared_) known.push_back(id);
      const std::string guess = nearest(node.text, known);
      diagnostics_.error(
          "QZ-CFG-034", node.place,
          "数据项 \"" + node.text + "\" 未定义" + (guess.empty() ? "" : "，是否想写 \"" + guess + "\"？"),
          "item \"" + node.text + "\" is not defined" + (guess.empty() ? "" : "; did you mean \"" + guess + "\"?"));
      return;
    }
    if (topic.find(node.text) != nullptr) {
      diagnostics_.error("QZ-CFG-031", node.place, "数据项 \"" + node.text + "\" 在这个主题中重复",
                         "item \"" + node.text + "\" is listed twice in this topic");
      return;
    }
    topic.items.push_back(found_own != own.end() ? found_own->second : found_shared->second);
  }

  void add_key(Topic& topic, const Node& node) {
    const auto found =
        std::find_if(topic.items.begin(), topic.items.end(), [&](const Item& item) { return item.id == node.text; });
    if (found == topic.items.end()) return unknown_item(node, topic);
    if (topic.is_key(node.text)) {
      diagnostics_.error("QZ-CFG-031", node.place, "主键中重复的数据项", "an item is in the key twice");
      return;
    }
    found->required = true;
    topic.key.push_back(node.text);
  }

  void unknown_item(const Node& node, const Topic& topic) {
    diagnostics_.error("QZ-CFG-034", node.place, "\"" + node.text + "\" 不在主题 " + topic.id + " 的数据项中",
                       "\"" + node.text + "\" is none of the items of topic " + topic.id);
  }

  Diagnostics& diagnostics_;
  CatalogueFolder result_;
  Items shared_;
};

}  // namespace

CatalogueFolder load_catalogue_folder(const std::filesystem::path& folder, Diagnostics& diagnostics) {
  FolderReader reader(diagnostics);
  const auto shared = read_document(folder / shared_file, diagnostics);
  if (shared) reader.read_shared(*shared);
  std::set<std::filesystem::path> files;
  std::error_code fault;
  for (const auto& entry : std::filesystem::directory_iterator(folder, fault)) {
    if (entry.path().extension() == ".yaml" && entry.path().filename() != shared_file) files.insert(entry.path());
  }
  for (const auto& file : files) {
    const auto root = read_document(file, diagnostics);
    if (root) reader.read_department(*root);
  }
  return reader.take();
}

Catalogue load_catalogue(const std::filesystem::path& folder, Diagnostics& diagnostics) {
  return load_catalogue_folder(folder, diagnostics).catalogue;
}

}  // namespace qianzhi::yaml
