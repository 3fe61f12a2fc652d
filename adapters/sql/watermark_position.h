// Places of a source that is read by a watermark (pitfall 26): rows whose watermark lies in [lower, upper) are read
// table by table, in the order of watermark and key; then comes the next fence. lower = upper: between two fences.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/model/source.h"

namespace qianzhi::adapter::sql {

struct WatermarkPlace {
  std::uint64_t lower = 0;
  std::uint64_t upper = 0;
  std::uint32_t table = 0;  // those before it are read up to upper
  std::uint64_t rows = 0;   // of the table within the fence
  auto operator<=>(const WatermarkPlace&) const = default;
};

// lower, upper, table, rows, big-endian, 28 octets. Frozen: stored in agents, those of adapters/postgresql as well.
Bytes order_of(const WatermarkPlace& place);
// Nothing for octets of another length.
std::optional<WatermarkPlace> place_of(std::string_view order);

struct WatermarkPosition {
  WatermarkPlace place;
  std::string server;     // MarkFence::server and age
  std::uint64_t age = 0;  // likewise
  Bytes cursor;           // within a table
};

// order: order_of(); identity: server, NUL, age in digits, NUL, cursor. Frozen: stored in agents. Throws Error(misuse,
// QZ-ADP-041) if watermark and key together are too long for an identity.
SourcePosition encode(const WatermarkPosition& position);
// Nothing for a none position. Throws Error(misuse, QZ-ADP-040) if it is not one of a watermark.
std::optional<WatermarkPosition> decode_watermark(const SourcePosition& position);

}  // namespace qianzhi::adapter::sql
