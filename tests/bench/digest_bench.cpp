// What a comparison of a PostgreSQL table costs its server and us (pitfall 33), with digests that the server makes and
// with whole rows: when nothing changed, and with 500 updates, 250 inserts and 250 deletes in a million rows. The limit
// beside it is the adapter reading the same table. Usage: bench_digest [ROWS]
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "adapters/postgresql/postgresql_adapter.h"
#include "adapters/postgresql/session.h"
#include "agent/flow/diff_source.h"
#include "tests/support/postgres_server.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

namespace {

constexpr adapter::ReadLimits chunk{2000, 1U << 20U};

double own_cpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double cpu_of(const std::string& pid) {
  std::ifstream stat("/proc/" + pid + "/stat");
  const std::string text{std::istreambuf_iterator<char>(stat), {}};
  const std::string fields = text.substr(text.rfind(')') + 2);
  std::size_t at = 0;
  for (int i = 0; i < 11; ++i) at = fields.find(' ', at) + 1;
  char* rest = nullptr;
  const double user = static_cast<double>(std::strtoull(fields.c_str() + at, &rest, 10));
  const double system = static_cast<double>(std::strtoull(rest, nullptr, 10));
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// As a database that has no digests.
class WholeRows final : public adapter::Source {
 public:
  explicit WholeRows(std::unique_ptr<adapter::Source> real) : real_(std::move(real)) {}
  SourcePosition present() override { return real_->present(); }
  adapter::Changes read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                const adapter::ReadLimits& limits, Micros wait) override {
    return real_->read_changes(after, high_water, limits, wait);
  }
  void forget(const SourcePosition& position) override { real_->forget(position); }
  adapter::SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor,
                                       const adapter::ReadLimits& limits) override {
    adapter::SnapshotChunk page = real_->read_snapshot(table, cursor, limits);
    page.digest = {};
    return page;
  }
  std::vector<adapter::Finding> preflight() override { return real_->preflight(); }
  std::vector<adapter::TableInfo> look(const std::vector<std::size_t>& tables, bool count) override {
    return real_->look(tables, count);
  }

 private:
  std::unique_ptr<adapter::Source> real_;
};

class Bench {
 public:
  explicit Bench(long rows) : rows_(rows) {
    sql("CREATE TABLE firm(id bigint PRIMARY KEY, code char(18), name text, legal text, capital numeric(18,2), day "
        "date,"
        " address text, scope text, district char(6), kind int, phone text, seen timestamp(6))");
    add(1, rows);
    sql("VACUUM ANALYZE firm");
    spec_.connection = {{{"dsn", server_.dsn()}}, {}};
    spec_.name = "bench";
    spec_.mode = adapter::CaptureMode::snapshot_only;
    spec_.tables = {
        {"public.firm",
         {"id", "code", "name", "legal", "capital", "day", "address", "scope", "district", "kind", "phone", "seen"},
         {"id"},
         {"district"}}};
  }

  void begin(bool digests) {
    store_ = std::make_unique<store::Store>(store::StoreOptions{files_ / (digests ? "digests.db" : "rows.db"), {}, 0},
                                            Bytes(32, 'k'), random_);
    auto real = adapter_->open_source(spec_);
    if (!digests) real = std::make_unique<WholeRows>(std::move(real));
    source_ = std::make_unique<flow::DiffSource>(std::move(real), spec_, std::vector<std::string>{"t"}, *store_, clock_,
                                                 0, SourcePosition{});
    checkpoint_ = source_->present();
  }
  void end() {
    source_.reset();
    store_.reset();
  }

  std::size_t read() {
    const auto source = adapter_->open_source(spec_);
    std::size_t seen = 0;
    adapter::SnapshotChunk page;
    do {
      page = source->read_snapshot(0, page.cursor, chunk);
      seen += page.columns.empty() ? 0 : page.columns[0].size();
    } while (!page.done);
    note_servers();
    return seen;
  }

  std::size_t walk() {
    std::size_t found = 0;
    for (bool more = true; more;) {
      const adapter::Changes changes = source_->read_changes(checkpoint_, {}, chunk, 0);
      more = changes.more;
      if (changes.position == checkpoint_) continue;
      std::vector<flow::KnownChange> known;
      for (const auto& change : source_->known_changes()) known.push_back(*change);
      found += known.size();
      store_->update([&](store::StoreTransaction& transaction) {
        for (const auto& change : known)
          if (change.gone)
            transaction.erase_known("t", change.row.id);
          else
            transaction.put_known("t", change.row);
      });
      source_->stored("t", known);
      checkpoint_ = changes.position;
    }
    note_servers();
    return found;
  }

  void change() {
    const std::string step = std::to_string(std::max(2L, rows_ / std::max(4L, rows_ / 2000)));
    sql("UPDATE firm SET kind = kind + 1 WHERE id % " + step + " = 0");
    sql("DELETE FROM firm WHERE id % (2 * " + step + ") = 1");
    add(rows_ + ++added_ * rows_ + 1, rows_ / 4000);
  }

  template <typename Work>
  void print(const char* what, const Work& work) {
    note_servers();
    const double before = own_cpu();
    const double server_before = server_cpu_;
    const Micros begun = clock_.steady();
    const std::size_t found = work();
    const double wall = static_cast<double>(clock_.steady() - begun) / 1e6;
    const double million = static_cast<double>(rows_) / 1e6;
    std::printf("%-34s %8zu found  %8.0f rows/s  server %5.2f, ours %5.2f CPU-s per million\n", what, found,
                static_cast<double>(rows_) / wall, (server_cpu_ - server_before) / million,
                (own_cpu() - before) / million);
  }

 private:
  void sql(const std::string& text) { session_.run(text, "preparing"); }
  void add(long from, long count) {
    sql("INSERT INTO firm SELECT i, '914403001922038216', '广州市某某科技发展有限公司' || i, '张三', i * 1.25, "
        "'2015-05-11',"
        " '荔湾区西华路' || i || '号首层', repeat('批发和零售业；', 8), '440103', i % 7, NULL, now()"
        " FROM generate_series(" +
        std::to_string(from) + "::bigint, " + std::to_string(from + count - 1) + ") AS i");
  }
  // CPU of every connection but this one, as far as it is still there: asked for before it ends.
  void note_servers() {
    const auto pids = session_.run(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()", "asking");
    for (int i = 0; i < pids.rows(); ++i) {
      const double now = cpu_of(pids.text(i, 0));
      server_cpu_ += now - seen_[pids.text(i, 0)];
      seen_[pids.text(i, 0)] = now;
    }
  }

  long rows_;
  long added_ = 0;
  test::PostgresServer server_;
  test::TempDir files_;
  postgresql::Session session_{{{{"dsn", server_.dsn()}}, {}}, postgresql::Purpose::write};
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<adapter::Adapter> adapter_ = adapter::make_postgresql_adapter(clock_);
  adapter::SourceSpec spec_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<flow::DiffSource> source_;
  SourcePosition checkpoint_;
  std::map<std::string, double> seen_;
  double server_cpu_ = 0;
};

}  // namespace

int main(int count, char** values) {
  const long rows = count > 1 ? std::strtol(values[1], nullptr, 10) : 1'000'000;
  Bench bench(rows);
  bench.print("reading alone", [&] { return bench.read(); });
  for (const bool digests : {true, false}) {
    std::printf("%s\n", digests ? "digests by the server" : "whole rows");
    bench.begin(digests);
    bench.print("  first walk", [&] { return bench.walk(); });
    bench.print("  nothing changed", [&] { return bench.walk(); });
    bench.change();
    bench.print("  0.1 % changed", [&] { return bench.walk(); });
    bench.end();
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory %ld MiB\n", usage.ru_maxrss / 1024);
  return 0;
}
