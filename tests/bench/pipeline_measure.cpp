#include "tests/bench/pipeline_measure.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>

namespace qianzhi::bench {

const char* const columns_sql =
    "(id bigint PRIMARY KEY, uscc char(18), name text, person text, capital numeric(18,2), founded date, address text,"
    " scope text, area text, staff int, phone text, changed timestamp(6))";

const char* const rows_sql =
    "CREATE FUNCTION made(first bigint, last bigint) RETURNS SETOF firm LANGUAGE sql AS $$"
    " SELECT k, lpad(k::text, 18, '9'), '广州市' || left(h, 10) || '贸易有限公司', left(md5(h), 6), k % 100000 + 0.25,"
    " date '2000-01-01' + (k % 8000)::int, '广东省广州市天河区' || right(h, 12) || '路' || k % 997 || '号',"
    " '批发零售日用百货' || md5(h || 'a') || '；技术咨询服务' || left(md5(h || 'b'), 20), '440106', k % 500,"
    " CASE k % 7 WHEN 0 THEN NULL ELSE '138' || lpad((k * 7919 % 100000000)::text, 8, '0') END,"
    " timestamp '2024-01-01' + k * interval '1.5 seconds'"
    " FROM (SELECT k, md5(k::text) h FROM generate_series(first, last) k) s $$;"
    "CREATE PROCEDURE fill(first bigint, n bigint) LANGUAGE plpgsql AS $$ BEGIN FOR i IN 0 .. (n - 1) / 1000 LOOP"
    " INSERT INTO firm SELECT * FROM made(first + i * 1000 + 1, first + least(n, i * 1000 + 1000)); COMMIT;"
    " END LOOP; END $$";

std::string digest_of(Sql& database, const std::string& table) {
  std::string columns;
  for (const char* column :
       {"id", "uscc", "name", "person", "capital", "founded", "address", "scope", "area", "staff", "phone", "changed"})
    columns += std::string(columns.empty() ? "" : ",") + "coalesce(" + column + "::text, '~')";
  return database.ask("SELECT count(*) || ' rows, ' || coalesce(sum(hashtextextended(concat_ws('|'," + columns +
                      "), 0)::numeric), 0) FROM " + table);
}

MemoryCurve::MemoryCurve(const Exchange& exchange) : stop_(eventfd(0, EFD_CLOEXEC)) {
  thread_ = std::thread([this, &exchange] {
    pollfd told{stop_, POLLIN, 0};
    do {
      std::map<std::string, long> now;
      for (const auto& [kind, used] : exchange.used())
        if (kind.find("PostgreSQL") != 0) now[kind] = used.now_kib;
      seen_.push_back(std::move(now));
    } while (poll(&told, 1, 100) == 0);
  });
}

MemoryCurve::~MemoryCurve() {
  stop();
  close(stop_);
}

void MemoryCurve::stop() {
  if (!thread_.joinable()) return;
  eventfd_write(stop_, 1);
  thread_.join();
}

void MemoryCurve::show(std::size_t points) {
  stop();
  std::map<std::string, std::string> lines;
  std::map<std::string, long> peaks;
  for (std::size_t i = 0; i < points; ++i) {
    std::map<std::string, long> most;
    for (std::size_t at = i * seen_.size() / points; at < (i + 1) * seen_.size() / points; ++at)
      for (const auto& [kind, kib] : seen_[at]) most[kind] = std::max(most[kind], kib);
    for (const auto& [kind, kib] : most) {
      lines[kind] += " " + std::to_string(kib / 1024);
      peaks[kind] = std::max(peaks[kind], kib);
    }
  }
  for (const auto& [kind, line] : lines)
    std::printf("  memory of %-10s MiB:%s; most %ld\n", kind.c_str(), line.c_str(), peaks[kind] / 1024);
}

long MemoryCurve::peak() const {
  long most = 0;
  for (const auto& now : seen_)
    for (const auto& [kind, kib] : now) most = std::max(most, kib);
  return most;
}

int run_with_rows(int count, char** values, long rows, int (*run)(long)) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (count > 1) std::from_chars(values[1], values[1] + std::strlen(values[1]), rows);
  try {
    return run(rows);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", values[0], error.what());
    return 2;
  }
}

void show(const char* what, const Measure& m, long rows) {
  const auto count = static_cast<double>(rows);
  std::printf("%-28s %8.0f rows/s, %.2f s; CPU-s a million rows: %.1f =", what, count / m.wall, m.wall,
              m.sum * 1e6 / count);
  const char* separator = "";
  for (const auto& [kind, cpu] : m.cpu) {
    if (cpu > 0) std::printf("%s %s %.2f", separator, kind.c_str(), cpu * 1e6 / count);
    if (cpu > 0) separator = " +";
  }
  std::printf("\n");
}

void show_memory(const Exchange& exchange) {
  std::printf("  peak memory:");
  for (const auto& [kind, used] : exchange.used()) std::printf(" %s %ld MiB;", kind.c_str(), used.peak_kib / 1024);
  std::printf(" PostgreSQL: the largest process of each\n");
}

}  // namespace qianzhi::bench
