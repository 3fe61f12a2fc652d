#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <sstream>

#include "agent/app/topics_view.h"

namespace qianzhi::app {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

Array texts(const std::vector<std::string>& words) {
  Array array;
  for (const std::string& word : words) array.add(word);
  return array;
}

// "*" or the groups, none being an empty list.
Array groups_json(const GroupSet& groups) {
  if (groups.is_every()) return texts({"*"});
  return texts({groups.groups().begin(), groups.groups().end()});
}

Object item_json(const TopicView& view, const ItemView& one) {
  static constexpr const char* granted[] = {"none", "some_groups", "all_groups"};
  const Item& item = *one.item;
  Object object;
  object.set("id", item.id);
  object.set("title", item.title);
  object.set("title_en", item.title_en);
  object.set("type", type_text(item));
  object.set("key", view.topic->is_key(item.id));
  object.set("required", item.required);
  object.set("personal", item.personal);
  object.set("check", std::string(name_of(item.check)));
  if (one.codes != nullptr) object.set("code_table", one.codes->id);
  object.set("granted", granted[static_cast<std::size_t>(one.granted)]);
  return object;
}

Object topic_json(const TopicView& view) {
  const Topic& topic = *view.topic;
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("id", topic.id);
  object.set("title", topic.title);
  object.set("title_en", topic.title_en);
  object.set("code", topic.code);
  object.set("summary", topic.summary);
  object.set("department", topic.department);
  object.set("agents", texts(view.agents));
  object.set("contact", topic.contact);
  object.set("sharing", std::string(name_of(topic.sharing)));
  object.set("basis", topic.basis);
  object.set("conditions", topic.conditions);
  object.set("purposes", texts(topic.purposes));
  object.set("publishable", topic.publishable);
  object.set("grade", std::string(name_of(topic.grade)));
  object.set("update_cycle", cycle_text(topic.update_cycle));
  object.set("mode", std::string(name_of(topic.mode)));
  object.set("key", texts(topic.key));
  object.set("partition", topic.partition);
  object.set("provided_groups", groups_json(view.provided));
  object.set("granted_groups", groups_json(view.granted));
  Array items;
  for (const ItemView& item : view.items) items.add(item_json(view, item));
  object.set("items", items);
  return object;
}

}  // namespace

std::string topics_json(const TopicsQuestion& question) {
  Object object;
  object.set("catalogue_version", std::to_string(question.directory.catalogue.version));
  object.set("directory_version", std::to_string(question.directory.version));
  Array topics;
  for (const TopicView& view : look_up(question)) topics.add(topic_json(view));
  object.set("topics", topics);
  std::ostringstream out;
  object.stringify(out);
  return out.str() + "\n";
}

}  // namespace qianzhi::app
