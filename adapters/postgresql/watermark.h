// What a source's watermark columns count, and up to which value no more can come (pitfall 26).
// xid8: the number of the transaction that wrote the row; exact, whatever stays open for how long. timestamptz and
// timestamp: the server's time when that transaction began, as now() gives it; exact as far as no program sets the
// column to an earlier time by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/catalog.h"
#include "adapters/postgresql/session.h"

namespace qianzhi::postgresql {

enum class WatermarkKind { transaction, instant, local_time };

// Nothing if a column of this type cannot be a watermark.
std::optional<WatermarkKind> watermark_kind(Oid type);

// What the server says, transactions as their numbers and times as microseconds since 1970.
struct Fence {
  std::uint64_t settled = 0;  // nothing below comes any more
  std::uint64_t seen = 0;     // a snapshot that was taken before shows nothing from here on
  std::string server;         // as WatermarkPosition::server
};

class Watermark {
 public:
  // zone: of local times; letters, digits and / _ + - only.
  Watermark(WatermarkKind kind, std::string zone);

  // A time's fence must be asked for before the snapshot of the read is taken, a transaction's within it.
  bool wants_fence_first() const { return kind_ != WatermarkKind::transaction; }
  // Throws Error(misuse, QZ-PG-043) if the role may not see when transactions began.
  Fence fence(Session& session) const;
  // "column" >= lower AND "column" < upper
  std::string within(const std::string& column, std::uint64_t lower, std::uint64_t upper) const;

 private:
  std::string literal(std::uint64_t mark) const;
  WatermarkKind kind_;
  std::string zone_;
};

// Zone of local times: the connection's option "timezone", else the TZ of this process. Throws Error(misuse,
// QZ-ADP-010) if it is not the name of a zone.
std::string zone_of(const adapter::Connection& connection);

}  // namespace qianzhi::postgresql
