#include <vector>

#include "hub-protocol/base/cells.h"
#include "hub-protocol/catalogue/files.h"
#include "hub-protocol/catalogue/write_parts.h"
#include "hub-protocol/yaml/csv.h"

namespace qianzhi::catalogue {

namespace {

std::string boolean_text(bool value) { return value ? "true" : "false"; }

std::string semicolons(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ";") + word;
  return text;
}

std::string head(const std::vector<std::string>& columns) {
  return std::string(yaml::byte_order_mark) + csv_record(columns);
}

std::string topics_csv(const Catalogue& catalogue) {
  std::string text =
      head({"id", "title", "title_en", "department", "code", "mode", "key", "partition", "sharing", "basis",
            "conditions", "purposes", "publishable", "grade", "update_cycle", "contact", "summary"});
  for (const auto& [id, topic] : catalogue.topics)
    text +=
        csv_record({id, topic.title, topic.title_en, file_of(topic), topic.code, std::string(name_of(topic.mode)),
                    semicolons(topic.key), topic.partition, std::string(name_of(topic.sharing)), topic.basis,
                    topic.conditions, semicolons(topic.purposes), boolean_text(topic.publishable),
                    std::string(name_of(topic.grade)), cycle_text(topic.update_cycle), topic.contact, topic.summary});
  return text;
}

std::string items_csv(const Catalogue& catalogue) {
  std::string text = head(
      {"topic", "id", "title", "title_en", "type", "required", "personal", "check", "check_quarantines", "code_table"});
  for (const auto& [id, topic] : catalogue.topics)
    for (const Item& item : topic.items)
      text += csv_record({id, item.id, item.title, item.title_en, type_text(item), boolean_text(item.required),
                          boolean_text(item.personal), std::string(name_of(item.check)),
                          boolean_text(item.check_quarantines), item.code_table});
  return text;
}

}  // namespace

std::string file_of(const Topic& topic) {
  return topic.department.empty() ? topic.id.substr(0, topic.id.find('.')) : topic.department;
}

std::map<std::string, Department, std::less<>> departments_of(const yaml::CatalogueFolder& content) {
  auto departments = content.departments;
  for (const auto& [id, topic] : content.catalogue.topics) {
    const std::string department = file_of(topic);
    departments.emplace(department, Department{department, department, department});
  }
  return departments;
}

std::string codes_csv(const CodeTable& table) {
  std::string text = head({"code", "title", "from", "until"});
  for (const CodeEntry& entry : table.entries) text += csv_record({entry.code, entry.title, entry.from, entry.until});
  return text;
}

Files csv_files(const yaml::CatalogueFolder& content) {
  Files files;
  files["departments.csv"] = head({"id", "title", "title_en"});
  for (const auto& [id, department] : departments_of(content))
    files["departments.csv"] += csv_record({id, department.title, department.title_en});
  files["topics.csv"] = topics_csv(content.catalogue);
  files["items.csv"] = items_csv(content.catalogue);
  files["code_tables.csv"] = head({"id", "title", "title_en", "edition", "partial"});
  for (const auto& [id, table] : content.catalogue.code_tables) {
    files["code_tables.csv"] +=
        csv_record({id, table.title, table.title_en, table.edition, boolean_text(table.partial)});
    files["codes/" + id + ".csv"] = codes_csv(table);
  }
  return files;
}

}  // namespace qianzhi::catalogue
