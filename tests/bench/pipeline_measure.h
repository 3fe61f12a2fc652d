// Rows, measures and words that the end-to-end benchmarks share.
#pragma once

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "tests/bench/pipeline_parts.h"

namespace qianzhi::bench {

// The columns of a firm, for CREATE TABLE; function made(first, last) and procedure fill(first, count), which commits
// each thousand rows.
extern const char* const columns_sql;
extern const char* const rows_sql;

// Equal for equal sets of rows; names and order of the columns are the topic's in both databases.
std::string digest_of(Sql& database, const std::string& table);

struct Measure {
  double wall = 0;                    // seconds
  std::map<std::string, double> cpu;  // seconds, by kind of process
  double sum = 0;
};

// What `work` took, of the processes that were there before and after.
template <typename Work>
Measure measure(const Exchange& exchange, const Work& work) {
  const SystemClock clock;
  const auto before = exchange.used();
  const Micros start = clock.steady();
  work();
  Measure result;
  result.wall = static_cast<double>(clock.steady() - start) / 1e6;
  for (const auto& [kind, used] : exchange.used()) {
    const auto earlier = before.find(kind);
    result.cpu[kind] = used.cpu - (earlier == before.end() ? 0 : earlier->second.cpu);
    result.sum += result.cpu[kind];
  }
  return result;
}

// Looks at the memory of our processes every tenth of a second while it lives. They must neither start nor end
// meanwhile.
class MemoryCurve {
 public:
  explicit MemoryCurve(const Exchange& exchange);
  ~MemoryCurve();
  // So many points, evenly spread over the time, each the most since the one before; then the peak.
  void show(std::size_t points);
  // KiB, of the largest of our processes.
  long peak() const;

 private:
  void stop();
  std::vector<std::map<std::string, long>> seen_;  // KiB by kind of process
  int stop_ = -1;                                  // written to when it is to end
  std::thread thread_;
};

// What a benchmark's main() does: takes the number of rows, and tells an exception.
int run_with_rows(int count, char** values, long rows, int (*run)(long));

void show(const char* what, const Measure& m, long rows);
void show_memory(const Exchange& exchange);

}  // namespace qianzhi::bench
