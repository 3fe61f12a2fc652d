#include "adapters/mysql/watermark.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "adapters/mysql/names.h"
#include "adapters/sql/watermark_source.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

constexpr const char* local_now = "CONVERT_TZ(NOW(6), '+00:00', @@global.time_zone)";

std::string micros_of_sql(const std::string& moment) {
  return "TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', " + moment + ")";
}

// How far the server's local time is from UTC, in winter and in summer.
void refuse_jumps(Session& session) {
  const auto offset = [](const std::string& day) {
    const std::string noon = "TIMESTAMP(CONCAT(YEAR(NOW()), '" + day + "'))";
    return "TIMESTAMPDIFF(MINUTE, " + noon + ", CONVERT_TZ(" + noon + ", '+00:00', @@global.time_zone))";
  };
  const Result found =
      session.run("SELECT " + offset("-01-15 12:00:00") + " = " + offset("-07-15 12:00:00") + ", @@global.time_zone",
                  "looking at the server's time zone");
  if (!found.truth(0, 0))
    throw Error(ErrorKind::misuse, "QZ-MY-040", "the server's local time (" + found.text(0, 1) + ") has jumps");
}

}  // namespace

std::optional<MarkKind> mark_kind(const CatalogColumn& column) {
  const bool own = adapter::sql::is_own_mark({{}, {}, {}, {}, column.name});
  if (own && column.form == Form::integer && column.data_type == "bigint" && column.is_unsigned)
    return MarkKind::number;
  if (column.form == Form::timestamp) return MarkKind::instant;
  if (column.form == Form::datetime) return MarkKind::local_time;
  return std::nullopt;
}

std::string Marks::drawn_sql() const {
  switch (kind_) {
    case MarkKind::number: return "UUID_SHORT()";
    case MarkKind::instant: return micros_of_sql("NOW(6)");
    case MarkKind::local_time: break;
  }
  return micros_of_sql(local_now);
}

std::uint64_t Marks::floor(std::uint64_t drawn) const {
  if (kind_ == MarkKind::number) return drawn;
  std::uint64_t step = 1;
  for (std::int64_t digit = digits_; digit < 6; ++digit) step *= 10;
  return drawn - drawn % step;
}

std::string Marks::literal(std::uint64_t mark) const {
  if (kind_ == MarkKind::number) return std::to_string(mark);
  using std::chrono::days;
  const auto whole = std::chrono::sys_days(days(static_cast<std::int64_t>(mark / 86'400'000'000ULL)));
  const std::chrono::year_month_day day(whole);
  const std::uint64_t rest = mark % 86'400'000'000ULL;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "TIMESTAMP'%04d-%02u-%02u %02u:%02u:%02u.%06u'", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                static_cast<unsigned>(rest / 3'600'000'000ULL), static_cast<unsigned>(rest / 60'000'000 % 60),
                static_cast<unsigned>(rest / 1'000'000 % 60), static_cast<unsigned>(rest % 1'000'000));
  return text.data();
}

std::string Marks::from(const std::string& column, std::uint64_t mark) const {
  return quote_name(column) + " >= " + literal(mark);
}

std::string Marks::within(const std::string& column, std::uint64_t lower, std::uint64_t upper) const {
  return from(column, lower) + " AND " + quote_name(column) + " < " + literal(upper);
}

std::string unset_reason(Session& session, const CatalogTable& table, const std::string& column) {
  const Result found = session.query(
      "SELECT IFNULL(COLUMN_DEFAULT, '') LIKE 'current\\_timestamp%', EXTRA LIKE '%on update current\\_timestamp%'"
      " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
      Parameters().add(table.schema).add(table.name).add(column), "looking at a watermark");
  const std::string name = table.name + "." + column;
  if (found.rows() == 0 || !found.truth(0, 0)) return name + " is not set by the server when a row is inserted";
  return found.truth(0, 1) ? std::string() : name + " is not set by the server when a row is updated";
}

Marks marks_of(Session& session, const adapter::SourceSpec& spec) {
  std::optional<MarkKind> kind;
  std::int64_t digits = 6;
  for (const adapter::SourceTable& wanted : spec.tables) {
    const auto table = find_table(session, wanted.table);
    const CatalogColumn* column = table ? table->find(wanted.watermark) : nullptr;
    if (column == nullptr) continue;
    const auto own = mark_kind(*column);
    const std::string name = wanted.table + "." + wanted.watermark + " is " + column->column_type;
    if (!own) throw Error(ErrorKind::misuse, "QZ-MY-037", name);
    if (kind && *kind != *own) throw Error(ErrorKind::misuse, "QZ-MY-039", name);
    kind = own;
    digits = std::min(digits, column->fraction);
    if (*own == MarkKind::number) continue;
    if (const std::string reason = unset_reason(session, *table, wanted.watermark); !reason.empty())
      throw Error(ErrorKind::misuse, "QZ-MY-038", reason);
  }
  if (!kind) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no table of this source has its watermark column");
  if (*kind == MarkKind::local_time) refuse_jumps(session);
  return {*kind, digits};
}

}  // namespace qianzhi::mysql
