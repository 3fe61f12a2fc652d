#include "agent/desk/app/desk_file.h"

#include "agent/desk/rules/rule_reader.h"
#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/log_section.h"

namespace qianzhi::desk {

namespace {

constexpr std::uint64_t version_of_format = 1;
constexpr Micros least_poll = 100'000;
constexpr Micros most_poll = 3'600'000'000;

void read_lists(yaml::MapReader& root, DeskFile& file) {
  read_rules(root, file.desk, file.rules);
  read_reports(root, file.desk, file.reports);
}

// Their names only.
std::vector<Table> named_tables(const DeskConfig& config) {
  std::vector<Table> tables;
  for (const TableConfig& table : config.tables) tables.push_back({table.id, {}, {}, {}, {}});
  tables.push_back({std::string(finding_table), {}, {}, {}, {}});
  return tables;
}

lookup::LookupConfig lookup_in(const yaml::Node& node, const std::vector<Table>& tables,
                               yaml::Diagnostics& diagnostics) {
  yaml::MapReader reader(&node, "lookup", diagnostics);
  lookup::LookupConfig config = lookup::read_lookup(reader, tables);
  reader.finish();
  return config;
}

// What needs no open table of these; the rest is found when they are bound.
void read_sections(yaml::MapReader& root, DeskFile& file, yaml::Diagnostics& diagnostics) {
  const std::vector<Table> tables = named_tables(file.desk);
  file.records = root.find("records");
  if (file.records != nullptr) {
    yaml::MapReader reader(file.records, "records", diagnostics);
    records::read_records(reader, tables);
  }
  file.lookup = root.find("lookup");
  const lookup::LookupConfig lookup =
      file.lookup == nullptr ? lookup::LookupConfig() : lookup_in(*file.lookup, tables, diagnostics);
  if (root.find("serve") == nullptr) return;
  yaml::MapReader reader = root.map("serve", false);
  file.serve = serve::read_serve(reader, lookup);
  reader.finish();
}

}  // namespace

DeskFile load_desk(const std::filesystem::path& path, yaml::Diagnostics& diagnostics) {
  auto document = yaml::read_document(path, diagnostics);
  if (!document) return DeskFile();
  const auto kept = std::make_shared<const yaml::Node>(std::move(*document));
  DeskFile file = read_desk_file(path, *kept, diagnostics);
  file.document = kept;
  return file;
}

DeskFile read_desk_file(const std::filesystem::path& path, const yaml::Node& document, yaml::Diagnostics& diagnostics) {
  DeskFile file;
  yaml::MapReader root(&document, {}, diagnostics);
  root.integer("version", version_of_format, version_of_format);
  file.desk = read_desk(root);
  file.poll = root.duration("poll", file.poll);
  if (file.poll < least_poll || file.poll > most_poll)
    complain_form(*root.find("poll"), "poll", "100ms 到 1h", "100ms to 1h", diagnostics);
  read_lists(root, file);
  for (const yaml::Node* name : root.list("files", true)) {
    const auto more = yaml::read_document(path.parent_path() / name->text, diagnostics);
    if (!more) continue;
    yaml::MapReader reader(&*more, {}, diagnostics);
    read_lists(reader, file);
    reader.finish();
  }
  file.work = read_work(root);
  read_sections(root, file, diagnostics);
  file.log = yaml::read_log(root);
  root.finish();
  return file;
}

// Made by CMake of the file in conf/reference.
extern const std::string_view reference_of_desk;

std::vector<std::string_view> reference_texts() { return {reference_of_desk}; }

void add_reference(yaml::Schema& schema) {
  yaml::add_references(schema, reference_texts(), [](const yaml::Node& root, yaml::Diagnostics& diagnostics) {
    read_desk_file(root.place.source->file(), root, diagnostics);
  });
}

std::vector<yaml::Setting> load_settings(const std::filesystem::path& path, yaml::Diagnostics& diagnostics) {
  const auto read = [&](const yaml::Node& root, yaml::Diagnostics& found) { read_desk_file(path, root, found); };
  return yaml::load_settings(path, read, diagnostics);
}

records::RecordsConfig bind_records(const DeskFile& file, const DeskStore& store, yaml::Diagnostics& diagnostics) {
  std::vector<Table> tables;
  for (const auto& [id, table] : store.tables()) tables.push_back(table);
  yaml::MapReader reader(file.records, "records", diagnostics);
  return records::read_records(reader, tables);
}

lookup::LookupConfig bind_lookup(const DeskFile& file, const DeskStore& store, bool missing_too,
                                 yaml::Diagnostics& diagnostics) {
  std::vector<Table> tables;
  for (const TableConfig& table : file.desk.tables) {
    if (store.has_table(table.id))
      tables.push_back(store.table(table.id));
    else if (!missing_too)
      tables.push_back({table.id, {}, {}, {}, {}});
  }
  return lookup_in(*file.lookup, tables, diagnostics);
}

}  // namespace qianzhi::desk
