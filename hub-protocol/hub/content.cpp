#include "hub-protocol/hub/content.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/catalogue/compare.h"
#include "hub-protocol/registry/content.h"
#include "hub-protocol/seal/catalogue_file.h"
#include "hub-protocol/seal/directory.h"

namespace qianzhi::hub {

namespace {

// There is one of each.
constexpr std::string_view catalogue_id = "catalogue";

std::string count_text(const std::vector<catalogue::Difference>& differences, bool compatible) {
  const auto count = std::count_if(
      differences.begin(), differences.end(),
      [&](const catalogue::Difference& difference) { return catalogue::is_compatible(difference.kind) == compatible; });
  return std::to_string(count);
}

std::vector<catalogue::Difference> differences_to_published(const Directory& after, const registry::View& view) {
  const auto before = published_catalogue(view);
  return catalogue::compare(before ? before->catalogue : Catalogue(), after.catalogue);
}

}  // namespace

Directory compile_content(const HubConfig& config, const registry::View& view, DigestSuite suite) {
  Directory content = seal::in_suite(config.content, suite);
  for (const registry::LeftOut& out : registry::add_to(content, view, suite))
    log(LogLevel::warning, "registry", "left out: " + out.kind + " " + out.id + ": " + out.reason);
  if (const auto before = published_catalogue(view)) {
    const bool same = catalogue::compare(before->catalogue, content.catalogue).empty();
    content.catalogue.version = std::max(content.catalogue.version, before->catalogue.version + (same ? 0 : 1));
  }
  return content;
}

std::optional<Directory> published_catalogue(const registry::View& view) {
  const auto record = view.find(registry::kind::published_catalogue, catalogue_id);
  if (!record) return std::nullopt;
  try {
    return seal::read_catalogue_file(record->body);
  } catch (const Error& error) {
    // No reason to stop an exchange: what is published next takes its place.
    log("registry", error);
    return std::nullopt;
  }
}

void refuse_incompatible(const Catalogue& before, const Directory& after, const registry::View& view) {
  const auto differences = catalogue::compare(before, after.catalogue);
  if (!catalogue::has_incompatible(differences)) return;
  const auto accepted = view.find(registry::kind::accepted_catalogue, catalogue_id);
  if (accepted && accepted->body == seal::content_digest(after).bytes()) return;
  throw Error(ErrorKind::misuse, "QZ-HUB-200", "\n" + catalogue::render(differences));
}

std::string catalogue_changes(const Directory& after, const registry::View& view) {
  return catalogue::render(differences_to_published(after, view));
}

std::string accept_catalogue(const Directory& after, registry::Registry& registry, const audit::Actor& actor) {
  std::string changes;
  registry.change(actor, [&](registry::Change& change) {
    const auto differences = differences_to_published(after, change);
    changes = catalogue::render(differences);
    change.put(registry::kind::accepted_catalogue, catalogue_id, seal::content_digest(after).bytes());
    change.note({{},
                 "catalogue.accept",
                 "catalogue",
                 "",
                 "",
                 "",
                 {{"incompatible", count_text(differences, false)},
                  {"compatible", count_text(differences, true)},
                  {"content", seal::content_digest(after).hex()}}});
  });
  return changes;
}

void note_published(const Directory& directory, registry::Registry& registry) {
  const Bytes body = seal::write_catalogue_file(directory);
  bool same = false;
  registry.read([&](const registry::View& view) {
    const auto record = view.find(registry::kind::published_catalogue, catalogue_id);
    same = record && record->body == body;
  });
  if (same) return;
  registry.change({}, [&](registry::Change& change) {
    const auto differences = differences_to_published(directory, change);
    change.put(registry::kind::published_catalogue, catalogue_id, body);
    change.note({{},
                 "catalogue.publish",
                 "catalogue " + std::to_string(directory.catalogue.version),
                 "",
                 "",
                 "",
                 {{"topics", std::to_string(directory.catalogue.topics.size())},
                  {"incompatible", count_text(differences, false)},
                  {"compatible", count_text(differences, true)}}});
  });
}

}  // namespace qianzhi::hub
