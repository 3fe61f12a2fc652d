#include "hub-protocol/catalogue/read_csv.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "hub-protocol/yaml/catalogue_rules.h"
#include "hub-protocol/yaml/code_tables.h"
#include "hub-protocol/yaml/csv.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::catalogue {

namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    if (end != 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// One row; what is wrong in it is told at its line.
class RowReader {
 public:
  RowReader(const yaml::CsvTable& table, const yaml::CsvRow& row, yaml::Diagnostics& diagnostics)
      : table_(table), row_(row), diagnostics_(diagnostics) {}

  std::string text(std::string_view column) const { return std::string(yaml::field_of(table_, row_, column)); }
  std::string required(std::string_view column) {
    std::string value = text(column);
    if (value.empty()) complain("QZ-CFG-018", column, "没有值", "has no value");
    return value;
  }
  bool boolean(std::string_view column) {
    const std::string value = text(column);
    if (!value.empty() && value != "true" && value != "false")
      complain("QZ-CFG-017", column, "应为 true 或 false", "must be true or false");
    return value == "true";
  }
  template <typename Value>
  Value word(std::string_view column, std::initializer_list<Value> values) {
    const std::string value = text(column);
    std::string known;
    for (const Value one : values) {
      if (value.empty() || value == name_of(one)) return one;
      known += " " + std::string(name_of(one));
    }
    complain("QZ-CFG-017", column, "应为其中之一：" + known, "must be one of" + known);
    return *values.begin();
  }
  void complain(std::string_view code, std::string_view what, const std::string& zh, const std::string& en) {
    diagnostics_.error(code, table_.place_of(row_), std::string(what) + " " + zh, std::string(what) + " " + en);
  }
  void unknown(std::string_view what, const std::string& name) {
    complain("QZ-CFG-030", what, "\"" + name + "\" 未定义", "\"" + name + "\" is not defined");
  }
  void second(std::string_view what, const std::string& name) {
    complain("QZ-CFG-031", what, "\"" + name + "\" 重复", "\"" + name + "\" is given twice");
  }

 private:
  const yaml::CsvTable& table_;
  const yaml::CsvRow& row_;
  yaml::Diagnostics& diagnostics_;
};

class CsvReader {
 public:
  CsvReader(const std::filesystem::path& folder, const Files& files, yaml::Diagnostics& diagnostics)
      : folder_(folder), files_(files), diagnostics_(diagnostics) {
    result_.catalogue.version = 1;
  }

  yaml::CatalogueFolder read() {
    each("departments.csv", {"id", "title"}, {"title_en"}, [&](RowReader& row) { read_department(row); });
    each("code_tables.csv", {"id", "title"}, {"title_en", "edition", "partial"},
         [&](RowReader& row) { read_code_table(row); });
    // A topic's key and partition can be judged only when its items are known.
    const auto items = table("items.csv", {"topic", "id", "title", "type"},
                             {"title_en", "required", "personal", "check", "check_quarantines", "code_table"});
    if (items)
      for (const yaml::CsvRow& row : items->rows) {
        RowReader reader(*items, row, diagnostics_);
        read_item(reader);
      }
    each("topics.csv", {"id", "title", "department", "mode", "key"},
         {"title_en", "code", "partition", "sharing", "basis", "conditions", "purposes", "publishable", "grade",
          "update_cycle", "contact", "summary"},
         [&](RowReader& row) { read_topic(row); });
    if (items)
      for (const yaml::CsvRow& row : items->rows) {
        RowReader reader(*items, row, diagnostics_);
        const std::string topic = reader.text("topic");
        if (result_.catalogue.find(topic) == nullptr) reader.unknown("topic", topic);
      }
    return std::move(result_);
  }

 private:
  std::optional<yaml::CsvTable> table(const std::string& name, std::initializer_list<std::string_view> columns,
                                      std::initializer_list<std::string_view> optional) {
    const auto found = files_.find(name);
    if (found == files_.end()) return std::nullopt;
    return yaml::parse_csv(folder_ / name, found->second, columns, optional, diagnostics_);
  }

  template <typename Read>
  void each(const std::string& name, std::initializer_list<std::string_view> columns,
            std::initializer_list<std::string_view> optional, Read&& read) {
    const auto file = table(name, columns, optional);
    if (!file) return;
    for (const yaml::CsvRow& row : file->rows) {
      RowReader reader(*file, row, diagnostics_);
      read(reader);
    }
  }

  void read_department(RowReader& row) {
    const Department department{row.required("id"), row.required("title"), row.text("title_en")};
    if (!yaml::is_id(department.id)) row.complain("QZ-CFG-019", "id", "不能作标识", "cannot be an id");
    if (!result_.departments.emplace(department.id, department).second) row.second("id", department.id);
  }

  void read_code_table(RowReader& row) {
    CodeTable table{row.required("id"),  row.required("title"),  row.text("title_en"),
                    row.text("edition"), row.boolean("partial"), {}};
    if (!yaml::is_id(table.id)) return row.complain("QZ-CFG-019", "id", "不能作标识", "cannot be an id");
    const std::string name = "codes/" + table.id + ".csv";
    const auto codes = files_.find(name);
    if (codes == files_.end()) return row.unknown("id", name);
    yaml::parse_code_entries(folder_ / name, codes->second, table, diagnostics_);
    if (!result_.catalogue.code_tables.emplace(table.id, table).second) row.second("id", table.id);
  }

  void read_item(RowReader& row) {
    Item item;
    item.id = row.required("id");
    item.title = row.required("title");
    item.title_en = row.text("title_en");
    const auto type = yaml::parse_type(row.text("type"));
    if (type) {
      item.type = type->type;
      item.length = type->length;
      item.scale = type->scale;
    } else {
      row.complain("QZ-CFG-019", "type", "应为" + std::string(yaml::types_zh),
                   "must be " + std::string(yaml::types_en));
    }
    item.required = row.boolean("required");
    item.personal = row.boolean("personal");
    item.check = row.word("check", {CheckRule::none, CheckRule::registration_number, CheckRule::organisation_code,
                                    CheckRule::credit_code, CheckRule::citizen_id});
    item.check_quarantines = row.boolean("check_quarantines");
    item.code_table = row.text("code_table");
    if (!item.code_table.empty() && result_.catalogue.code_tables.count(item.code_table) == 0)
      row.unknown("code_table", item.code_table);
    if (!yaml::is_item_id(item.id))
      row.complain("QZ-CFG-019", "id", "只能用小写字母、数字和 _", "lower-case letters, digits and _ only");
    std::vector<Item>& items = items_[row.required("topic")];
    if (std::any_of(items.begin(), items.end(), [&](const Item& other) { return other.id == item.id; }))
      return row.second("id", item.id);
    items.push_back(std::move(item));
  }

  void read_terms(RowReader& row, TopicTerms& terms) {
    terms.department = row.required("department");
    if (!terms.department.empty() && result_.departments.count(terms.department) == 0)
      row.unknown("department", terms.department);
    terms.code = row.text("code");
    terms.sharing = row.word("sharing", {Sharing::must, Sharing::conditional, Sharing::none});
    terms.basis = row.text("basis");
    terms.conditions = row.text("conditions");
    terms.purposes = split(row.text("purposes"));
    terms.publishable = row.boolean("publishable");
    terms.grade = row.word("grade", {Grade::general, Grade::important, Grade::core});
    const std::string cycle = row.text("update_cycle");
    const auto duration = yaml::parse_duration(cycle);
    if (!cycle.empty() && !duration) row.complain("QZ-CFG-015", "update_cycle", "例如 12h、1d", "such as 12h, 1d");
    terms.update_cycle = duration.value_or(0);
    terms.contact = row.text("contact");
    terms.summary = row.text("summary");
    if (const std::string fault = fault_of(terms); !fault.empty())
      row.complain("QZ-CFG-113", "sharing", "共享说明不完整或过长", fault);
  }

  void read_topic(RowReader& row) {
    Topic topic;
    topic.id = row.required("id");
    topic.title = row.required("title");
    topic.title_en = row.text("title_en");
    read_terms(row, topic);
    topic.mode = row.word("mode", {TopicMode::state, TopicMode::event, TopicMode::answer});
    if (row.text("mode").empty()) row.complain("QZ-CFG-018", "mode", "没有值", "has no value");
    topic.items = items_[topic.id];
    topic.key = split(row.required("key"));
    for (const std::string& key : topic.key) {
      const auto item =
          std::find_if(topic.items.begin(), topic.items.end(), [&](const Item& i) { return i.id == key; });
      if (item == topic.items.end())
        row.unknown("key", key);
      else
        item->required = true;
      if (std::count(topic.key.begin(), topic.key.end(), key) != 1) row.second("key", key);
    }
    topic.partition = row.text("partition");
    if (!topic.partition.empty() && topic.find(topic.partition) == nullptr) row.unknown("partition", topic.partition);
    if (!yaml::is_topic_id(topic.id))
      row.complain("QZ-CFG-019", "id", "应为 部门.主题", "must be department.topic in lower case");
    if (!result_.catalogue.topics.emplace(topic.id, topic).second) row.second("id", topic.id);
  }

  const std::filesystem::path& folder_;
  const Files& files_;
  yaml::Diagnostics& diagnostics_;
  yaml::CatalogueFolder result_;
  std::map<std::string, std::vector<Item>, std::less<>> items_;  // by topic
};

}  // namespace

yaml::CatalogueFolder read_csv(const std::filesystem::path& folder, const Files& files,
                               yaml::Diagnostics& diagnostics) {
  return CsvReader(folder, files, diagnostics).read();
}

}  // namespace qianzhi::catalogue
