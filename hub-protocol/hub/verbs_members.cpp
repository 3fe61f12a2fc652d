// Departments.
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/json_rows.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/wire/directory.pb.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::hub {

namespace {

std::string add_department(Office& office, Ask& ask) {
  wire::DepartmentMessage message;
  message.set_id(ask.words.next("ID"));
  message.set_title(ask.words.required("title"));
  message.set_title_en(ask.words.option("title-en", ""));
  ask.words.finish();
  const std::string& id = message.id();
  if (!yaml::is_id(id)) throw Error(ErrorKind::misuse, "QZ-HUB-062", id);
  if (office.config.content.departments.count(id) != 0) throw Error(ErrorKind::misuse, "QZ-HUB-063", id);
  office.registry.change(ask.actor, [&](registry::Change& change) {
    change.put(registry::kind::department, id, message.SerializeAsString());
    change.note({{}, "department.put", "department " + id, "", "", "", {{"title", message.title()}}});
  });
  office.publish();
  return id + "\n";
}

std::string remove_department(Office& office, Ask& ask) {
  const std::string id = ask.words.next("ID");
  ask.words.finish();
  office.registry.change(ask.actor, [&](registry::Change& change) {
    change.remove(registry::kind::department, id);
    change.note({{}, "department.remove", "department " + id, ""});
  });
  office.publish();
  return id + "\n";
}

std::string list_departments(Office& office, Ask& ask) {
  ask.words.finish();
  std::string text;
  std::vector<std::string> rows;
  for (const auto& [id, department] : office.exchange.current_directory()->departments) {
    text += id + "\t" + department.title + "\t" + department.title_en + "\n";
    rows.push_back(json_object({{"department", id}, {"title", department.title}, {"title_en", department.title_en}}));
  }
  return ask.json ? json_array(rows) + "\n" : text;
}

const Verb table[] = {
    {"department add", "ID --title TITLE [--title-en TITLE]", "登记或更名一个部门", "enter or rename a department",
     Role::system, add_department},
    {"department remove", "ID", "除去一个部门", "take a department out", Role::system, remove_department},
    {"department list", "", "部门", "the departments", Role::anyone, list_departments},
};

}  // namespace

std::span<const Verb> member_verbs() { return table; }

}  // namespace qianzhi::hub
