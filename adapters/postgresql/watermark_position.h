// Places of a PostgreSQL source that is read by a watermark (adapters/sql/watermark_position.h).
#pragma once

#include <optional>
#include <string>

#include "adapters/sql/watermark_position.h"
#include "hub-protocol/base/bytes.h"
#include "hub-protocol/model/source.h"

namespace qianzhi::postgresql {

using adapter::sql::WatermarkPlace;

struct WatermarkPosition {
  WatermarkPlace place;
  std::string server;  // "system identifier:start of the server"
  Bytes cursor;        // of a KeysetReader, within a table
};

// order: adapter::sql::order_of(); identity: server, NUL, cursor, without the age that adapters/sql has. Frozen: stored
// in agents. Throws Error(misuse, QZ-PG-044) if watermark and key together are too long for an identity.
SourcePosition encode(const WatermarkPosition& position);
// Nothing for a none position. Throws Error(misuse, QZ-PG-019) if it is not one of a watermark.
std::optional<WatermarkPosition> decode_watermark(const SourcePosition& position);

}  // namespace qianzhi::postgresql
