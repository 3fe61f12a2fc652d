// What the directory is made of: configuration file and registry together; and the rule for changes of the catalogue:
// one that departments cannot live with is put in force only after somebody accepted it.
#pragma once

#include <optional>
#include <string>

#include "hub-protocol/hub/hub_config.h"
#include "hub-protocol/registry/registry.h"

namespace qianzhi::hub {

// Members, catalogue, provisions and grants, without directory version, times and hub key. The catalogue keeps the
// version under which it was published, or has a higher one if its content is another. What the registry cannot add is
// logged.
Directory compile_content(const HubConfig& config, const registry::View& view, DigestSuite suite);

// The catalogue that was published last, with its departments; nothing if there was none.
std::optional<Directory> published_catalogue(const registry::View& view);

// Throws Error(misuse, QZ-HUB-200) with every difference if somebody who is connected cannot live with the change, and
// nobody accepted exactly this content.
void refuse_incompatible(const Catalogue& before, const Directory& after, const registry::View& view);

// Every difference to what was published last, as text; empty: none.
std::string catalogue_changes(const Directory& after, const registry::View& view);

// From now on this content may be put in force whatever it changes. Answers with catalogue_changes().
std::string accept_catalogue(const Directory& after, registry::Registry& registry, const audit::Actor& actor);

// Keeps what was published, if it is another than before.
void note_published(const Directory& directory, registry::Registry& registry);

}  // namespace qianzhi::hub
