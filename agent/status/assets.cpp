#include "agent/status/assets.h"

#include <string>

#include "agent/status/packed.h"
#include "hub-protocol/base/handbook.h"

namespace qianzhi::status {

std::optional<Asset> asset_at(std::string_view path) {
  for (const Asset& asset : packed_assets())
    if (asset.path == path) return asset;
  return std::nullopt;
}

const std::vector<Asset>& documents() {
  static const std::string handbook = handbook_html();
  static const std::vector<Asset> all = [] {
    std::vector<Asset> made = packed_documents();
    made.push_back({"HANDBOOK", "按代码处理 / Operator's handbook by code", {}, handbook, {}});
    return made;
  }();
  return all;
}

const Asset* document_at(std::string_view name) {
  for (const Asset& document : documents())
    if (document.path == name) return &document;
  return nullptr;
}

}  // namespace qianzhi::status
