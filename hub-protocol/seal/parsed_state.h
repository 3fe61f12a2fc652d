// What seal::Parsed holds, internal to this folder. All views point into `octets`.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "hub-protocol/seal/batch.h"
#include "hub-protocol/seal/header_codec.h"

namespace qianzhi::seal {

struct CarriedItem {
  std::size_t index = 0;  // in Manifest::items
  std::string_view block;
};

struct CarriedGroup {
  std::size_t index = 0;  // in Header::groups
  std::string_view manifest_octets;
  std::string_view rows;  // block
  Manifest manifest;
  std::vector<CarriedItem> items;  // ascending index
};

struct Parsed::State {
  Bytes octets;
  Limits limits;
  std::string_view header_octets;
  HeaderRecord record;
  Digest digest;
  std::vector<SignatureView> signatures;
  std::vector<CarriedGroup> groups;  // ascending index
  std::optional<std::string_view> position;

  const Group& name(const CarriedGroup& group) const { return record.header.groups[group.index]; }
  // Header and signatures as they came: how every reduced form of this batch starts.
  Bytes bare(std::size_t reserve) const;
};

}  // namespace qianzhi::seal
