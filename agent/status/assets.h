// The files of agent/status/web and the rendered documents, as they were packed into the program when it was built.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace qianzhi::status {

struct Asset {
  std::string_view path;   // "/app.js"; documents: "ENROLMENT"
  std::string_view type;   // media type; documents: their title
  std::string_view etag;   // quoted
  std::string_view plain;  // octets as they are
  std::string_view gzip;   // compressed
};

std::optional<Asset> asset_at(std::string_view path);

// HTML fragments: those made from the Markdown files of packaging/, none where cmark-gfm was missing at build time, and
// the handbook of all codes.
const std::vector<Asset>& documents();
// Null: none of this name. Lives as long as the program.
const Asset* document_at(std::string_view name);

}  // namespace qianzhi::status
