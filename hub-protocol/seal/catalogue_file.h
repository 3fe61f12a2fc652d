// A catalogue with its departments as one message (wire::CatalogueFile): for moving it, and for keeping what was
// published.
#pragma once

#include <string_view>

#include "hub-protocol/model/directory.h"

namespace qianzhi::seal {

// Departments and catalogue of the directory; deterministic.
Bytes write_catalogue_file(const Directory& directory);

// A directory with nothing else in it. Throws Error(corrupt, QZ-SEAL-041) for what no directory may hold.
Directory read_catalogue_file(std::string_view octets);

// Of what people decided: without version and initials. SHA-256.
Digest content_digest(Directory directory);

}  // namespace qianzhi::seal
