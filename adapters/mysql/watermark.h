// What a source's watermark columns hold, and how marks are drawn (pitfall 26).
// number: of our own column, set by triggers to UUID_SHORT(): numbers of one counter of the server, which grow as they
// are drawn, whatever its clock does; behind a restart they go on from the server's new start. A SEQUENCE would count
// without gaps, but triggers that use one make writes fail under LOCK TABLES and where the binary log is STATEMENT.
// instant, local_time: TIMESTAMP and DATETIME, set by the server on each insert and update to the time at which the
// statement began; right as far as no program sets the column, or the time of its session, by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/mysql/catalog.h"
#include "adapters/mysql/session.h"

namespace qianzhi::mysql {

enum class MarkKind { number, instant, local_time };

// Nothing if a column of this name and type cannot be a watermark.
std::optional<MarkKind> mark_kind(const CatalogColumn& column);

// Numbers as they are, times in microseconds since 1970: of an instant in UTC, of a local time in the server's zone.
class Marks {
 public:
  // digits: of a second, that the coarsest of the columns keeps.
  Marks(MarkKind kind, std::int64_t digits) : kind_(kind), digits_(digits) {}

  MarkKind kind() const { return kind_; }
  // An expression for what is drawn now, or was drawn as this statement began; without a fraction.
  std::string drawn_sql() const;
  // Whatever is drawn from now on is not stored as less than this.
  std::uint64_t floor(std::uint64_t drawn) const;
  // `column` >= from
  std::string from(const std::string& column, std::uint64_t mark) const;
  // `column` >= lower AND `column` < upper
  std::string within(const std::string& column, std::uint64_t lower, std::uint64_t upper) const;

 private:
  std::string literal(std::uint64_t mark) const;
  MarkKind kind_;
  std::int64_t digits_;
};

// The marks of a source, which must be of one kind. Throws Error(misuse): QZ-MY-037 for a type that is none, -038 for a
// time that the server does not set by itself, -039 for two kinds, -040 if the server's local time has jumps,
// QZ-ADP-011 if no table has its column.
Marks marks_of(Session& session, const adapter::SourceSpec& spec);

// Why the column is no time that the server sets on each insert and update; empty: it is.
std::string unset_reason(Session& session, const CatalogTable& table, const std::string& column);

}  // namespace qianzhi::mysql
