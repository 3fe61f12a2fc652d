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

}  // namespace

DeskFile load_desk(const std::filesystem::path& path, yaml::Diagnostics& diagnostics) {
  DeskFile file;
  auto document = yaml::read_document(path, diagnostics);
  if (!document) return file;
  file.document = std::make_shared<const yaml::Node>(std::move(*document));
  yaml::MapReader root(file.document.get(), {}, diagnostics);
  root.integer("version", version_of_format, version_of_format);
  file.desk = read_desk(root);
  file.poll = root.duration("poll", file.poll);
  if (file.poll < least_poll || file.poll > most_poll)
    complain_form(*root.find("poll"), "poll", "100ms 到 1h", "100ms to 1h", diagnostics);
  read_lists(root, file);
  // serve_pages() reads them.
  root.find("lookup");
  root.find("serve");
  for (const std::string& name : texts_of(root, "files")) {
    const auto more = yaml::read_document(path.parent_path() / name, diagnostics);
    if (!more) continue;
    yaml::MapReader reader(&*more, {}, diagnostics);
    read_lists(reader, file);
    reader.finish();
  }
  file.work = read_work(root);
  file.log = yaml::read_log(root);
  file.records = root.find("records");
  root.finish();
  return file;
}

}  // namespace qianzhi::desk
