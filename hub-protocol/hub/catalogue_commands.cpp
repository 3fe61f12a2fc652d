#include "hub-protocol/hub/catalogue_commands.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/catalogue/compare.h"
#include "hub-protocol/catalogue/files.h"
#include "hub-protocol/hub/content.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/seal/catalogue_file.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::hub {

namespace {

constexpr int status_good = 0;
constexpr int status_incompatible = 1;
constexpr int wrong_files = 78;  // EX_CONFIG of sysexits.h

catalogue::Encoding encoding_of(Words& words) {
  const std::string name = words.option("encoding", "utf-8");
  if (name == "gb18030") return catalogue::Encoding::gb18030;
  if (name != "utf-8") throw Error(ErrorKind::misuse, "QZ-HUB-051", "--encoding utf-8 | gb18030");
  return catalogue::Encoding::utf8;
}

// What was read, and everything that was said of it.
struct Reading {
  yaml::CatalogueFolder content;
  std::string text;
  bool good = false;
};

Reading read_checked(const std::filesystem::path& folder, catalogue::Encoding encoding) {
  yaml::Diagnostics diagnostics;
  Reading reading;
  reading.content = catalogue::read_folder(folder, encoding, diagnostics);
  reading.text = diagnostics.render();
  reading.good = !diagnostics.has_errors();
  return reading;
}

Directory as_directory(const yaml::CatalogueFolder& folder) {
  Directory directory;
  directory.catalogue = folder.catalogue;
  directory.departments = folder.departments;
  return directory;
}

Directory in_force(const std::filesystem::path& config) {
  return seal::read_catalogue_file(service::ask_control(control_socket_of(config), {"catalogue", "get"}));
}

CommandResult check(Words& words) {
  const std::filesystem::path folder = words.next("DIR");
  const catalogue::Encoding encoding = encoding_of(words);
  words.finish();
  const Reading reading = read_checked(folder, encoding);
  if (!reading.good) return {wrong_files, reading.text};
  const Catalogue& catalogue = reading.content.catalogue;
  std::size_t items = 0;
  for (const auto& [id, topic] : catalogue.topics) items += topic.items.size();
  return {status_good, reading.text + "✓ " + std::to_string(reading.content.departments.size()) +
                           " 个部门 departments, " + std::to_string(catalogue.topics.size()) + " 个主题 topics, " +
                           std::to_string(items) + " 个数据项 items, " + std::to_string(catalogue.code_tables.size()) +
                           " 个代码表 code tables\n"};
}

CommandResult diff(Words& words, const std::filesystem::path& config) {
  const std::filesystem::path folder = words.next("DIR");
  const std::string other = words.has_next() ? words.next("DIR2") : std::string();
  const catalogue::Encoding encoding = encoding_of(words);
  words.finish();
  const Reading first = read_checked(folder, encoding);
  if (!first.good) return {wrong_files, first.text};
  std::vector<catalogue::Difference> differences;
  if (other.empty()) {
    differences = catalogue::compare(in_force(config).catalogue, first.content.catalogue);
  } else {
    const Reading newer = read_checked(other, encoding);
    if (!newer.good) return {wrong_files, newer.text};
    differences = catalogue::compare(first.content.catalogue, newer.content.catalogue);
  }
  return {catalogue::has_incompatible(differences) ? status_incompatible : status_good, catalogue::render(differences)};
}

CommandResult export_folder(Words& words, const std::filesystem::path& config) {
  const std::filesystem::path folder = words.next("DIR");
  const bool as_csv = words.flag("csv");
  words.finish();
  const Directory directory = in_force(config);
  const yaml::CatalogueFolder content{directory.catalogue, directory.departments};
  const catalogue::Files files = as_csv ? catalogue::csv_files(content) : catalogue::yaml_files(content);
  catalogue::write_files(folder, files);
  return {status_good, folder.string() + ": " + std::to_string(files.size()) +
                           " 个文件 files, 目录版本 catalogue version " + std::to_string(directory.catalogue.version) +
                           "\n"};
}

CommandResult import_folder(Words& words, const std::filesystem::path& config) {
  const std::filesystem::path folder = words.next("DIR");
  const catalogue::Encoding encoding = encoding_of(words);
  std::vector<std::string> call{"catalogue", "put"};
  for (const char* flag : {"replace", "accept-incompatible"})
    if (words.flag(flag)) call.push_back("--" + std::string(flag));
  words.finish();
  const Reading reading = read_checked(folder, encoding);
  if (!reading.good) return {wrong_files, reading.text};
  const Bytes sent = seal::write_catalogue_file(as_directory(reading.content));
  return {status_good, reading.text + service::ask_control(control_socket_of(config), call, sent)};
}

// A hub that refuses to start for its catalogue cannot be asked: then the registry is ours alone.
CommandResult accept(const std::filesystem::path& config_file) {
  const std::filesystem::path socket = control_socket_of(config_file);
  try {
    return {status_good, service::ask_control(socket, {"catalogue", "accept"})};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unavailable) throw;
  }
  yaml::Diagnostics diagnostics;
  const HubConfig config = load_hub_config(config_file, diagnostics);
  diagnostics.throw_if_errors();
  const DigestSuite suite = seal::directory_key_from_file(config.directory_key).record().suite;
  const SystemClock clock;
  registry::Registry registry(config.registry, suite, clock);
  Directory content;
  registry.read([&](const registry::View& view) { content = compile_content(config, view, suite); });
  return {status_good, accept_catalogue(content, registry, {audit::ActorKind::operator_, service::own_user()})};
}

}  // namespace

std::optional<CommandResult> catalogue_command(const std::vector<std::string>& words,
                                               const std::filesystem::path& config) {
  if (words.size() < 2 || words[0] != "catalogue") return std::nullopt;
  Words rest({words.begin() + 2, words.end()}, {"csv", "replace", "accept-incompatible"});
  if (words[1] == "check") return check(rest);
  if (words[1] == "diff") return diff(rest, config);
  if (words[1] == "export") return export_folder(rest, config);
  if (words[1] == "import") return import_folder(rest, config);
  if (words[1] == "accept") return accept(config);
  return std::nullopt;
}

}  // namespace qianzhi::hub
