#include "adapters/postgresql/watermark.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "adapters/postgresql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

// pg_type.dat; built-in numbers never change.
constexpr Oid timestamp_type = 1114;
constexpr Oid timestamptz_type = 1184;
constexpr Oid xid8_type = 5069;

// A column may hold less than microseconds, and a transaction shows its beginning a moment after it.
constexpr std::int64_t margin = 2'000'000;

}  // namespace

std::optional<WatermarkKind> watermark_kind(Oid type) {
  if (type == xid8_type) return WatermarkKind::transaction;
  if (type == timestamptz_type) return WatermarkKind::instant;
  if (type == timestamp_type) return WatermarkKind::local_time;
  return std::nullopt;
}

Watermark::Watermark(WatermarkKind kind, std::string zone) : kind_(kind), zone_(std::move(zone)) {}

// Of times: a transaction that only reads now may write later, with the time of its beginning.
Fence Watermark::fence(Session& session) const {
  const std::string server =
      "(SELECT system_identifier FROM pg_control_system()) || ':' ||"
      " (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint";
  if (kind_ == WatermarkKind::transaction) {
    const Result row = session.run("SELECT pg_snapshot_xmin(s)::text::numeric, pg_snapshot_xmax(s)::text::numeric, " +
                                       server + " FROM pg_current_snapshot() AS s",
                                   "asking for open transactions");
    return {static_cast<std::uint64_t>(row.integer(0, 0)), static_cast<std::uint64_t>(row.integer(0, 1)),
            row.text(0, 2)};
  }
  const Result row = session.run(
      "SELECT (extract(epoch FROM now()) * 1000000)::bigint,"
      " (SELECT (extract(epoch FROM min(xact_start)) * 1000000)::bigint FROM pg_stat_activity"
      "  WHERE datname = current_database() AND pid <> pg_backend_pid()), " +
          server +
          ", pg_has_role('pg_read_all_stats', 'USAGE'), EXISTS (SELECT FROM pg_prepared_xacts),"
          " (SELECT (extract(epoch FROM min(prepared)) * 1000000)::bigint FROM pg_prepared_xacts),"
          " (extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
      "asking for open transactions");
  if (!row.truth(0, 3))
    throw Error(ErrorKind::misuse, "QZ-PG-043", "the role may not read pg_stat_activity of other roles",
                "GRANT pg_read_all_stats TO ... (with INHERIT)");
  std::int64_t settled = row.integer(0, 0);
  if (!row.is_null(0, 1)) settled = std::min(settled, row.integer(0, 1));
  // When a prepared transaction began is not told; nothing of the hour before it is taken for settled.
  if (row.truth(0, 4)) settled = std::min(settled, row.integer(0, 5) - 3'600'000'000);
  return {static_cast<std::uint64_t>(std::max<std::int64_t>(0, settled - margin)),
          static_cast<std::uint64_t>(row.integer(0, 6)) + 1, row.text(0, 2)};
}

std::string Watermark::literal(std::uint64_t mark) const {
  const std::string number = std::to_string(mark);
  if (kind_ == WatermarkKind::transaction) return "'" + number + "'::xid8";
  const std::string instant = "('epoch'::timestamptz + interval '" + number + " microseconds')";
  return kind_ == WatermarkKind::instant ? instant : "(" + instant + " AT TIME ZONE '" + zone_ + "')";
}

std::string Watermark::within(const std::string& column, std::uint64_t lower, std::uint64_t upper) const {
  return quote_name(column) + " >= " + literal(lower) + " AND " + quote_name(column) + " < " + literal(upper);
}

std::string zone_of(const adapter::Connection& connection) {
  const auto option = connection.options.find("timezone");
  const char* own = std::getenv("TZ");
  std::string zone = option != connection.options.end() ? option->second : own == nullptr ? "" : own;
  if (!zone.empty() && zone.front() == ':') zone.erase(0, 1);
  const bool plain = !zone.empty() && std::all_of(zone.begin(), zone.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '/' || c == '_' || c == '+' || c == '-';
  });
  if (!plain)
    throw Error(ErrorKind::misuse, "QZ-ADP-010", "a watermark without a time zone needs the option timezone",
                "timezone: Asia/Shanghai");
  return zone;
}

}  // namespace qianzhi::postgresql
