// What the desk's benches share: CPU-seconds and memory of a step, and a folder with a received file that a desk reads.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "agent/desk/app/desk_file.h"
#include "agent/desk/data/change_log.h"
#include "agent/desk/data/desk_store.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::bench {

inline rusage usage_now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

// CPU-seconds of this process, system calls included.
inline double cpu_now() {
  const rusage usage = usage_now();
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// One step: prints its seconds, CPU-seconds, microseconds of CPU a row, and the greatest memory of the process so far.
class Measure {
 public:
  explicit Measure(std::string name) : name_(std::move(name)), begin_(clock_.steady()), cpu_(cpu_now()) {}
  // Gives the CPU-microseconds a row.
  double end(std::size_t rows) const {
    const double cpu = cpu_now() - cpu_;
    const double seconds = static_cast<double>(clock_.steady() - begin_) / 1e6;
    const double each = rows == 0 ? 0.0 : cpu * 1e6 / static_cast<double>(rows);
    std::printf("%-46s %9zu rows %8.2f s %8.2f CPU-s %7.2f us/row, peak %ld MiB\n", name_.c_str(), rows, seconds, cpu,
                each, usage_now().ru_maxrss / 1024);
    std::fflush(stdout);
    return each;
  }

 private:
  SystemClock clock_;
  std::string name_;
  Micros begin_;
  double cpu_;
};

inline void show_ratio(const char* what, double ours, double limit) {
  std::printf("    %s: %.1f times the limit\n", what, limit == 0.0 ? 0.0 : ours / limit);
}

inline std::size_t argument(int count, char** values, int at, std::size_t fallback) {
  std::size_t value = fallback;
  const std::string_view text = count > at ? values[at] : "";
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Rows 0 to rows - 1 in transactions of a bounded number.
template <typename Row>
void load(sqlite::Database& database, const std::string& name, std::size_t rows, const Row& row) {
  const Measure measure("load " + name);
  constexpr std::size_t rows_at_once = 20'000;
  for (std::size_t i = 0; i < rows;) {
    sqlite::Transaction transaction(database);
    for (std::size_t end = std::min(rows, i + rows_at_once); i < end; ++i) row(i);
    transaction.commit();
  }
  measure.end(rows);
}

// received.db with this schema and a desk.yaml beside it. The received file is written without syncs: the agent's work
// is measured elsewhere.
struct DeskFolder {
  DeskFolder(const std::filesystem::path& where, const std::string& schema, const std::string& configuration)
      : folder(where), received(where / "received.db", {}) {
    std::ofstream(folder / "desk.yaml") << configuration;
    received.execute("PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=20000; PRAGMA cache_size=-32768;");
    received.execute(schema);
    yaml::Diagnostics diagnostics;
    file = desk::load_desk(folder / "desk.yaml", diagnostics);
    diagnostics.throw_if_errors();
  }

  // The triggers and indexes that a DBA would make, for these links.
  void plan(const desk::Links& links) {
    desk::DeskStore store(file.desk, clock);
    received.execute(desk::ChangeLog(store, links).plan());
  }
  void show_size(std::size_t rows) const {
    std::error_code ignored;
    const auto wal = std::filesystem::file_size(folder / "desk.db-wal", ignored);
    const auto size = std::filesystem::file_size(folder / "desk.db");
    std::printf("    desk.db %.0f octets a row, its log at most %.0f MiB\n",
                static_cast<double>(size) / static_cast<double>(rows), static_cast<double>(wal) / 1048576.0);
    std::fflush(stdout);
  }

  SystemClock clock;
  std::filesystem::path folder;
  sqlite::Database received;
  desk::DeskFile file;
};

}  // namespace qianzhi::bench
