#include "hub-protocol/yaml/catalogue_terms.h"

namespace qianzhi::yaml {

TopicTerms read_terms(MapReader& reader, const TopicTerms& defaults, bool complete) {
  TopicTerms terms = defaults;
  if (reader.find("department") != nullptr) terms.department = reader.id("department");
  terms.code = reader.text("code", defaults.code);
  terms.sharing = reader.choice<Sharing>(
      "sharing", {{"must", Sharing::must}, {"conditional", Sharing::conditional}, {"none", Sharing::none}},
      defaults.sharing);
  terms.basis = reader.text("basis", defaults.basis);
  terms.conditions = reader.text("conditions", defaults.conditions);
  if (reader.find("purposes") != nullptr) {
    terms.purposes.clear();
    for (const Node* purpose : reader.list("purposes", true)) terms.purposes.push_back(purpose->text);
  }
  terms.publishable = reader.boolean("publishable", defaults.publishable);
  terms.grade = reader.choice<Grade>(
      "grade", {{"general", Grade::general}, {"important", Grade::important}, {"core", Grade::core}}, defaults.grade);
  terms.update_cycle = reader.duration("update_cycle", defaults.update_cycle);
  terms.contact = reader.text("contact", defaults.contact);
  terms.summary = reader.text("summary", defaults.summary);
  if (const std::string fault = fault_of(terms); complete && !fault.empty())
    reader.diagnostics().error("QZ-CFG-113", reader.place(), "主题 " + reader.path() + " 的共享说明不完整或过长",
                               fault);
  return terms;
}

}  // namespace qianzhi::yaml
