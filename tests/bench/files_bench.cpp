// A drop folder: one full file of 12 columns (about 300 octets a row, GB18030) into the spool, the spool read as a
// snapshot, and the next day's file with one row in a thousand changed. The limit beside it: sqlite3's own .import of
// the same file, as UTF-8, into a table with the same key.
// Usage: bench_files [ROWS]
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "adapters/files/encoding.h"
#include "adapters/files/files_adapter.h"
#include "packaging/demo/process.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

namespace {

std::string row_of(std::size_t n, bool changed) {
  const std::uint64_t mixed = (n + 1) * 0x9E3779B97F4A7C15U;
  const auto text = [](std::uint64_t value) { return std::to_string(value); };
  return text(440'101'000'000'000 + n) + ",\"广州市" + text(mixed % 9973) + "号科技发展有限公司\"," +
         text(mixed >> 34U) + ",440103,\"荔湾区西华路" + text(mixed % 811) + "号首层之" + text(mixed % 37) + "铺位\"," +
         text(mixed % 5000) + "0000.00,\"有限责任公司(自然人投资或控股)\",2015-0" + text(1 + mixed % 9) + "-11," +
         (mixed % 5 == 0 ? "" : text(mixed >> 20U)) + ",F51" + text(10 + mixed % 89) +
         ",\"批发和零售业；商品信息咨询服务；货物进出口\"," + (changed ? "changed" : "2023-11-14T22:13:20") + "\r\n";
}

constexpr const char* header = "c0,c1,c2,c3,c4,c5,c6,c7,c8,c9,c10,c11\r\n";

void write_file(const std::filesystem::path& path, std::size_t rows, bool gb, std::size_t changed_each) {
  adapter::files::Converter convert =
      adapter::files::Converter::from_utf8(gb ? adapter::files::Encoding::gb18030 : adapter::files::Encoding::utf8);
  std::ofstream file(path, std::ios::binary);
  file << header;
  for (std::size_t n = 0; n < rows; ++n)
    file << convert.convert(row_of(n, changed_each != 0 && n % changed_each == 0)).value();
}

class Measure {
 public:
  explicit Measure(int who) : who_(who), begun_(clock_.steady()), cpu_(cpu()) {}
  void print(const char* what, std::size_t rows) const {
    const double wall = static_cast<double>(clock_.steady() - begun_) / 1e6;
    std::printf("%-44s %9.0f rows/s %7.2f CPU-s a million rows\n", what, static_cast<double>(rows) / wall,
                (cpu() - cpu_) * 1e6 / static_cast<double>(rows));
  }

 private:
  double cpu() const {
    rusage usage{};
    getrusage(who_, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  }
  SystemClock clock_;
  int who_;
  Micros begun_;
  double cpu_;
};

// sqlite3, as a person would use it.
void import_by_tool(const test::TempDir& directory, const std::filesystem::path& file, std::size_t rows) {
  const std::string database = (directory / "tool.db").string();
  std::string columns;
  for (int i = 1; i < 12; ++i) columns += ", c" + std::to_string(i) + " TEXT";
  const std::string script = (directory / "import.sql").string();
  std::ofstream(script) << "PRAGMA journal_mode=WAL;\nCREATE TABLE firm(c0 TEXT PRIMARY KEY" << columns
                        << ") WITHOUT ROWID;\n.mode csv\n.import --skip 1 " << file.string() << " firm\n";
  const Measure measure(RUSAGE_CHILDREN);
  demo::output_of({{"sqlite3", "-batch", database, ".read " + script}, directory.path(), directory / "tool.log"});
  measure.print("limit: sqlite3 .import", rows);
}

std::size_t read_all(adapter::Source& source, SourcePosition& place) {
  std::size_t rows = 0;
  for (bool more = true; more;) {
    const adapter::Changes changes = source.read_changes(place, {}, {}, 0);
    for (const auto& table : changes.tables) rows += table.meta.size();
    more = changes.more || !(changes.position == place);
    place = changes.position;
  }
  return rows;
}

}  // namespace

int main(int count, char** values) {
  const std::size_t rows = count > 1 ? std::strtoull(values[1], nullptr, 10) : 1'000'000;
  const test::TempDir directory;
  const std::filesystem::path drop = directory / "drop";
  std::filesystem::create_directory(drop);
  write_file(directory / "utf8.csv", rows, false, 0);
  import_by_tool(directory, directory / "utf8.csv", rows);

  const SystemClock clock;
  const auto adapter = adapter::make_files_adapter(clock);
  adapter::SourceTable table{"firm", {}, {"c0"}, {"c3"}};
  for (int i = 0; i < 12; ++i) table.columns.push_back("c" + std::to_string(i));
  const auto source = adapter->open_source({{{{"folder", drop.string()},
                                              {"state", (directory / "state").string()},
                                              {"encoding", "gb18030"},
                                              {"quiet", "0"},
                                              {"look", "0"},
                                              {"table.firm.full", "*.csv"}},
                                             {}},
                                            "bench",
                                            adapter::CaptureMode::journal,
                                            {table},
                                            0});
  SourcePosition place = source->present();
  write_file(drop / "day1.csv", rows, true, 0);
  {
    const Measure measure(RUSAGE_SELF);
    read_all(*source, place);
    measure.print("first full file into the spool", rows);
  }
  {
    const Measure measure(RUSAGE_SELF);
    Bytes cursor;
    for (bool done = false; !done;) {
      const adapter::SnapshotChunk chunk = source->read_snapshot(0, cursor, {});
      cursor = chunk.cursor;
      done = chunk.done;
    }
    measure.print("snapshot of the spool", rows);
  }
  write_file(drop / "day2.csv", rows, true, 1000);
  {
    const Measure measure(RUSAGE_SELF);
    const std::size_t changes = read_all(*source, place);
    measure.print("next full file, 0.1 % changed", rows);
    if (changes != (rows + 999) / 1000) return 1;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory %ld MiB (with the writing of the files)\n", usage.ru_maxrss / 1024);
  return 0;
}
