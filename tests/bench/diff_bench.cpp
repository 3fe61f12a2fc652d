// Capture by comparison (pitfall 33): a SQLite table of 12 columns, walked when nothing is known, when nothing changed,
// and with 500 updates, 250 inserts and 250 deletes in a million rows. The limit beside it is the adapter reading the
// same table without comparing. Usage: bench_diff [ROWS]
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "adapters/sqlite/sqlite_adapter.h"
#include "agent/flow/diff_source.h"
#include "hub-protocol/sqlite/database.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

namespace {

constexpr adapter::ReadLimits chunk{2000, 1U << 20U};
constexpr int columns = 12;

double cpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Cost {
  double wall = 0;
  double cpu = 0;
  std::size_t found = 0;
};

template <typename Work>
Cost measure(const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  const double before = cpu();
  Cost cost;
  cost.found = work();
  cost.cpu = cpu() - before;
  cost.wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return cost;
}

void print(const char* what, const Cost& cost, const Cost& limit, long rows) {
  std::printf("%-22s %8zu found  %7.2f s  %9.0f rows/s  %6.2f CPU-s per million  %5.2f of reading alone\n", what,
              cost.found, cost.wall, static_cast<double>(rows) / cost.wall, cost.cpu * 1e6 / static_cast<double>(rows),
              limit.wall / cost.wall);
}

class Bench {
 public:
  explicit Bench(long rows) : rows_(rows), database_(file(), {sqlite::Access::read_write_create, false, {}, 5000}) {
    std::string ddl = "PRAGMA journal_mode=WAL; CREATE TABLE firm(id TEXT PRIMARY KEY NOT NULL";
    std::string values;
    for (int i = 1; i < columns; ++i) {
      ddl += ", c" + std::to_string(i) + " TEXT";
      values += ", '广州市某某公司' || (n * " + std::to_string(7919 * i) + " % 100003)";
    }
    database_.execute(ddl + ")");
    numbers_ = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ";
    values_ = "printf('%015d', n)" + values;
    database_.execute("INSERT INTO firm " + numbers_ + std::to_string(rows) + ") SELECT " + values_ + " FROM t");
    spec_.connection.options["file"] = file().string();
    spec_.name = "bench";
    spec_.mode = adapter::CaptureMode::snapshot_only;
    spec_.tables = {{"firm", {"id"}, {"id"}, {"c1"}}};
    for (int i = 1; i < columns; ++i) spec_.tables[0].columns.push_back("c" + std::to_string(i));
    adapter_ = adapter::make_sqlite_adapter(clock_);
    source_ = std::make_unique<flow::DiffSource>(adapter_->open_source(spec_), spec_, std::vector<std::string>{"t"},
                                                 store_, clock_, 0, SourcePosition{});
    checkpoint_ = source_->present();
  }

  std::size_t read() {
    const auto source = adapter_->open_source(spec_);
    std::size_t rows = 0;
    adapter::SnapshotChunk page;
    do {
      page = source->read_snapshot(0, page.cursor, chunk);
      rows += page.columns.empty() ? 0 : page.columns[0].size();
    } while (!page.done);
    return rows;
  }

  std::size_t walk() {
    std::size_t found = 0;
    bool more = true;
    while (more) {
      const adapter::Changes changes = source_->read_changes(checkpoint_, {}, chunk, 0);
      more = changes.more;
      if (changes.position == checkpoint_) continue;
      found += source_->known_changes().size();
      store_.update([&](store::StoreTransaction& transaction) {
        for (const auto& change : source_->known_changes())
          if (change->gone)
            transaction.erase_known("t", change->row.id);
          else
            transaction.put_known("t", change->row);
        transaction.put_checkpoint("s", changes.position);
      });
      std::vector<flow::KnownChange> stored;
      for (const auto& change : source_->known_changes()) stored.push_back(*change);
      source_->stored("t", stored);
      checkpoint_ = changes.position;
    }
    return found;
  }

  void change() {
    const long some = std::max(4L, rows_ / 4000);  // 250 in a million
    const std::string step = std::to_string(std::max(1L, rows_ / some / 2));
    database_.execute("UPDATE firm SET c3 = 'x' WHERE CAST(id AS INTEGER) % " + step + " = 0");
    database_.execute("DELETE FROM firm WHERE CAST(id AS INTEGER) % (2 * " + step + ") = 1");
    database_.execute("INSERT INTO firm " + numbers_ + std::to_string(rows_ + some) + ") SELECT " + values_ +
                      " FROM t WHERE n > " + std::to_string(rows_));
  }

  std::uintmax_t store_octets() const { return std::filesystem::file_size(files_ / "queue.db"); }

 private:
  std::filesystem::path file() const { return files_ / "source.db"; }

  test::TempDir files_;
  long rows_;
  sqlite::Database database_;
  SystemClock clock_;
  SystemRandom random_;
  store::Store store_{{files_ / "queue.db", {}, 0}, Bytes(32, 'k'), random_};
  std::string numbers_;
  std::string values_;
  adapter::SourceSpec spec_;
  std::unique_ptr<adapter::Adapter> adapter_;
  std::unique_ptr<flow::DiffSource> source_;
  SourcePosition checkpoint_;
};

}  // namespace

int main(int argc, char** argv) {
  const long rows = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 1'000'000;
  Bench bench(rows);
  const Cost limit = measure([&] { return bench.read(); });
  print("reading alone", limit, limit, rows);
  print("first walk", measure([&] { return bench.walk(); }), limit, rows);
  const auto octets = bench.store_octets();
  print("nothing changed", measure([&] { return bench.walk(); }), limit, rows);
  bench.change();
  print("0.1 % changed", measure([&] { return bench.walk(); }), limit, rows);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("known rows: %.0f octets a row in the store; peak memory %ld MiB\n",
              static_cast<double>(octets) / static_cast<double>(rows), usage.ru_maxrss / 1024);
  return 0;
}
