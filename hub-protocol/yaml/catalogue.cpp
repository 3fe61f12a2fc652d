#include "hub-protocol/yaml/catalogue.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "hub-protocol/yaml/catalogue_rules.h"
#include "hub-protocol/yaml/catalogue_terms.h"
#include "hub-protocol/yaml/code_tables.h"
#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::yaml {

namespace {

constexpr std::string_view shared_file = "catalogue.yaml";
using Items = std::map<std::string, Item, std::less<>>;

class FolderReader {
 public:
  explicit FolderReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void read_shared(const Node& root) {
    MapReader reader(&root, {}, diagnostics_);
    result_.catalogue.version = reader.integer("version", 1, UINT32_MAX);
    result_.catalogue.code_tables = read_code_tables(reader.find("code_tables"), diagnostics_);
    read_items(reader.find("items"), shared_);
    reader.finish();
  }

  void read_department(const Node& root) {
    MapReader reader(&root, {}, diagnostics_);
    MapReader head = reader.map("department", true);
    Department department;
    department.id = head.id("id");
    department.title = head.text("title");
    department.title_en = head.text("title_en", {});
    head.finish();
    if (!department.id.empty() && !result_.departments.emplace(department.id, department).second) {
      diagnostics_.error("QZ-CFG-031", head.place(), "部门 \"" + department.id + "\" 已在另一个文件中定义",
                         "department \"" + department.id + "\" is defined in another file already");
    }
    Items own;
    read_items(reader.find("items"), own);
    TopicTerms defaults;
    defaults.department = department.id;
    MapReader shared = reader.map("defaults", false);
    // A default may be cured by its topics.
    defaults = read_terms(shared, defaults, false);
    shared.finish();
    const Node* topics = reader.require("topics");
    if (topics != nullptr && !topics->is_map()) complain_kind(*topics, "topics", "map", diagnostics_);
    if (topics != nullptr) {
      for (const Entry& entry : topics->entries) read_topic(entry, own, defaults);
    }
    reader.finish();
  }

  CatalogueFolder take() {
    for (const auto& [id, place] : named_departments_)
      if (result_.departments.count(id) == 0)
        diagnostics_.error("QZ-CFG-030", place, "部门 \"" + id + "\" 未定义",
                           "department \"" + id + "\" is not defined");
    return std::move(result_);
  }

 private:
  void read_items(const Node* node, Items& items) {
    if (node == nullptr) return;
    if (!node->is_map()) return complain_kind(*node, "items", "map", diagnostics_);
    for (const Entry& entry : node->entries) {
      check_item_id(entry.key, entry.key_place);
      if (shared_.count(entry.key) != 0) {
        diagnostics_.error("QZ-CFG-031", entry.key_place, "数据项 \"" + entry.key + "\" 已在 catalogue.yaml 中定义",
                           "item \"" + entry.key + "\" is defined in catalogue.yaml already");
      }
      MapReader reader(&entry.value, "items." + entry.key, diagnostics_);
      items.emplace(entry.key, read_item(reader, entry.key));
    }
  }

  void check_item_id(const std::string& id, const Place& place) {
    if (is_item_id(id)) return;
    diagnostics_.error("QZ-CFG-019", place, "数据项标识 \"" + id + "\" 只能用小写字母、数字和 _，最多 60 个字符",
                       "item id \"" + id + "\": lower-case letters, digits and _ only, at most 60 characters");
  }

  Item read_item(MapReader& reader, const std::string& id) {
    Item item;
    item.id = id;
    item.title = reader.text("title");
    item.title_en = reader.text("title_en", {});
    const std::string type = reader.text("type");
    const auto parsed = parse_type(type);
    if (parsed) {
      item.type = parsed->type;
      item.length = parsed->length;
      item.scale = parsed->scale;
    } else if (!type.empty()) {
      complain_form(*reader.find("type"), reader.path_of("type"), types_zh, types_en, diagnostics_);
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
    item.code_table = reader.text("code_table", {});
    if (!item.code_table.empty() && result_.catalogue.code_tables.count(item.code_table) == 0)
      diagnostics_.error("QZ-CFG-030", reader.find("code_table")->place, "代码表 \"" + item.code_table + "\" 未定义",
                         "code table \"" + item.code_table + "\" is not defined");
    reader.finish();
    return item;
  }

  void read_topic(const Entry& entry, const Items& own, const TopicTerms& defaults) {
    MapReader reader(&entry.value, "topics." + entry.key, diagnostics_);
    Topic topic;
    topic.id = entry.key;
    if (!is_topic_id(topic.id)) {
      diagnostics_.error("QZ-CFG-019", entry.key_place, "主题标识应为 \"部门.主题\"，只用小写字母、数字、_ 和 .",
                         "a topic id is \"department.topic\" of lower-case letters, digits, _ and .");
    }
    topic.title = reader.text("title");
    topic.title_en = reader.text("title_en", {});
    static_cast<TopicTerms&>(topic) = read_terms(reader, defaults, true);
    if (const Node* provider = reader.find("department"))
      named_departments_.emplace_back(topic.department, provider->place);
    reader.require("mode");
    topic.mode = reader.choice<TopicMode>(
        "mode", {{"state", TopicMode::state}, {"event", TopicMode::event}, {"answer", TopicMode::answer}},
        TopicMode::state);
    const Node* items = reader.require("items");
    if (items != nullptr && !items->is_sequence()) complain_kind(*items, reader.path_of("items"), "list", diagnostics_);
    if (items != nullptr)
      for (const Node& node : items->items) add_item(topic, node, own);
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

  // An item of this topic only, written where it is used.
  void add_own_item(Topic& topic, const Node& node) {
    MapReader reader(&node, "items", diagnostics_);
    const std::string id = reader.text("id");
    if (!id.empty()) check_item_id(id, node.place);
    Item item = read_item(reader, id);
    if (!refuse_second(topic, id, node.place)) topic.items.push_back(std::move(item));
  }

  bool refuse_second(const Topic& topic, const std::string& id, const Place& place) {
    if (topic.find(id) == nullptr) return false;
    diagnostics_.error("QZ-CFG-031", place, "数据项 \"" + id + "\" 在这个主题中重复",
                       "item \"" + id + "\" is listed twice in this topic");
    return true;
  }

  void add_item(Topic& topic, const Node& node, const Items& own) {
    if (node.is_map()) return add_own_item(topic, node);
    if (!node.is_scalar() || node.text.empty()) return complain_kind(node, "items", "text", diagnostics_);
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
    if (refuse_second(topic, node.text, node.place)) return;
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
  std::vector<std::pair<std::string, Place>> named_departments_;  // by topics
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
