#include "agent/status/assets.h"

#include "agent/status/packed.h"

namespace qianzhi::status {

std::optional<Asset> asset_at(std::string_view path) {
  for (const Asset& asset : packed_assets())
    if (asset.path == path) return asset;
  return std::nullopt;
}

const std::vector<Asset>& documents() { return packed_documents(); }

}  // namespace qianzhi::status
