// The catalogue of the running hub: looking things up, taking it out, putting it in, accepting what is incompatible.
#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/catalogue/compare.h"
#include "hub-protocol/catalogue/initials.h"
#include "hub-protocol/catalogue/search.h"
#include "hub-protocol/hub/content.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/seal/catalogue_file.h"
#include "hub-protocol/seal/directory_parts.h"

namespace qianzhi::hub {

namespace {

constexpr std::size_t most_hits = 1000;

std::string get_catalogue(Office& office, Ask& ask) {
  ask.words.finish();
  return seal::write_catalogue_file(*office.exchange.current_directory());
}

std::string search_catalogue(Office& office, Ask& ask) {
  std::string words;
  while (ask.words.has_next()) words += ask.words.next("WORDS") + " ";
  ask.words.finish();
  const auto directory = office.exchange.current_directory();
  const catalogue::SearchIndex index(directory->catalogue);
  std::string text;
  for (const catalogue::Hit& hit : index.search(words, most_hits)) {
    text += hit.topic->id + "\t" + hit.topic->title + "\t" + hit.topic->department + "\t" +
            std::string(name_of(hit.topic->sharing)) + "\t";
    for (const Item* item : hit.items) text += (item == hit.items.front() ? "" : ",") + item->id;
    text += "\n";
  }
  return text;
}

// What the configuration file says now, also where the hub did not read it again yet.
Directory content_on_disk(const Office& office, const registry::View& view) {
  yaml::Diagnostics diagnostics;
  const HubConfig config = load_hub_config(office.config.file, diagnostics);
  diagnostics.throw_if_errors();
  return compile_content(config, view, office.suite);
}

std::string show_changes(Office& office, Ask& ask) {
  ask.words.finish();
  std::string text;
  office.registry.read(
      [&](const registry::View& view) { text = catalogue_changes(content_on_disk(office, view), view); });
  return text;
}

std::string accept_changes(Office& office, Ask& ask) {
  ask.words.finish();
  Directory content;
  office.registry.read([&](const registry::View& view) { content = content_on_disk(office, view); });
  return accept_catalogue(content, office.registry, ask.actor);
}

// Puts what was sent into the registry, beside what the configuration file has.
class Import {
 public:
  Import(const Office& office, const Directory& sent, registry::Change& change)
      : own_(office.config.content), sent_(sent), change_(change) {}

  void put_all() {
    for (const auto& [id, department] : sent_.departments) put_department(id, department);
    for (const auto& [id, table] : sent_.catalogue.code_tables) put_table(id, table);
    for (const auto& [id, topic] : sent_.catalogue.topics) put_topic(id, topic);
    if (!conflicts_.empty()) throw Error(ErrorKind::misuse, "QZ-HUB-202", conflicts_);
  }

  void remove_others() {
    for (const registry::Record& record : change_.all(registry::kind::topic))
      if (sent_.catalogue.find(record.id) == nullptr) change_.remove(record.kind, record.id);
    for (const registry::Record& record : change_.all(registry::kind::code_table))
      if (sent_.catalogue.code_tables.count(record.id) == 0) change_.remove(record.kind, record.id);
  }

 private:
  // True: the configuration file has it, and it is not to be kept twice.
  template <typename Map, typename Value>
  bool is_in_file(const Map& of_file, const std::string& id, const Value& value) {
    const auto found = of_file.find(id);
    if (found == of_file.end()) return false;
    if (found->second != value) conflicts_ += (conflicts_.empty() ? "" : ", ") + id;
    return true;
  }

  void put_department(const std::string& id, const Department& department) {
    if (is_in_file(own_.departments, id, department)) return;
    Directory only;
    only.departments.emplace(id, department);
    wire::MembersPart part;
    seal::write_members(only, part);
    change_.put(registry::kind::department, id, part.departments(0).SerializeAsString());
  }

  void put_table(const std::string& id, const CodeTable& table) {
    if (is_in_file(own_.catalogue.code_tables, id, table)) return;
    wire::CodeTablePart part;
    seal::write_code_table(table, part);
    change_.put(registry::kind::code_table, id, part.SerializeAsString());
  }

  void put_topic(const std::string& id, const Topic& topic) {
    if (is_in_file(own_.catalogue.topics, id, topic)) return;
    Directory only;
    only.catalogue.topics.emplace(id, topic);
    wire::CataloguePart part;
    seal::write_catalogue(only, part);
    change_.put(registry::kind::topic, id, part.topics(0).SerializeAsString());
  }

  const Directory& own_;
  const Directory& sent_;
  registry::Change& change_;
  std::string conflicts_;
};

Directory read_sent(const Bytes& attachment) {
  if (attachment.empty()) throw Error(ErrorKind::misuse, "QZ-HUB-051", "缺少内容 / nothing was sent");
  try {
    Directory sent = seal::read_catalogue_file(attachment);
    catalogue::write_initials(sent.catalogue);
    return sent;
  } catch (const Error& error) {
    if (error.code() != "QZ-SEAL-041") throw;
    throw Error(ErrorKind::misuse, "QZ-HUB-201", error.detail());
  }
}

std::string put_catalogue(Office& office, Ask& ask) {
  const bool replaces = ask.words.flag("replace");
  const bool accepts = ask.words.flag("accept-incompatible");
  ask.words.finish();
  const Directory sent = read_sent(ask.attachment);
  const Catalogue before = office.exchange.current_directory()->catalogue;
  std::string changes;
  office.registry.change(ask.actor, [&](registry::Change& change) {
    Import import(office, sent, change);
    import.put_all();
    if (replaces) import.remove_others();
    const Directory content = compile_content(office.config, change, office.suite);
    for (const auto& [id, topic] : sent.catalogue.topics)
      if (content.catalogue.find(id) == nullptr) throw Error(ErrorKind::misuse, "QZ-HUB-201", id);
    if (accepts) change.put(registry::kind::accepted_catalogue, "catalogue", seal::content_digest(content).bytes());
    refuse_incompatible(before, content, change);
    const auto differences = catalogue::compare(before, content.catalogue);
    changes = catalogue::render(differences);
    change.note({{},
                 "catalogue.import",
                 "catalogue " + std::to_string(content.catalogue.version),
                 "",
                 "",
                 "",
                 {{"topics", std::to_string(sent.catalogue.topics.size())},
                  {"changes", std::to_string(differences.size())},
                  {"incompatible", catalogue::has_incompatible(differences) ? "accepted" : "none"}}});
  });
  office.publish();
  return changes + "目录版本 catalogue version " +
         std::to_string(office.exchange.current_directory()->catalogue.version) + "\n";
}

const Verb catalogue_table[] = {
    {"catalogue search", "[WORDS...]", "在目录中查找主题：标识、名称、英文、代码、拼音首字母、数据项",
     "find topics by id, title, English, code, pinyin initials or items", Role::anyone, search_catalogue},
    {"catalogue changes", "", "文件夹中的目录与已发布目录的差别",
     "what the folder would change in the catalogue in force", Role::anyone, show_changes},
    {"catalogue accept", "", "接受文件夹中目录的不兼容改变（下次重新加载时生效）",
     "let the next reload put the folder's catalogue in force although it is incompatible", Role::security,
     accept_changes},
    {"catalogue get", "", "现行目录（export 用）", "the catalogue in force, as export takes it", Role::anyone,
     get_catalogue},
    {"catalogue put",
     "--from FILE [--replace] [--accept-incompatible]",
     "写入目录（import 用）",
     "put a catalogue into the registry, as import does",
     Role::security,
     put_catalogue,
     {"replace", "accept-incompatible"}},
};

}  // namespace

std::span<const Verb> catalogue_verbs() { return catalogue_table; }

}  // namespace qianzhi::hub
