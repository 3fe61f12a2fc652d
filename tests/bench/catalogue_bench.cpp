// What a catalogue of a large city costs (S2.4: 46 departments, 269 topics, 4,535 items): reading it from files, making
// the directory, keeping it at an agent, comparing two versions, and finding topics. Usage: bench_catalogue
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>

#include "agent/flow/directory_keeper.h"
#include "hub-protocol/catalogue/compare.h"
#include "hub-protocol/catalogue/files.h"
#include "hub-protocol/catalogue/initials.h"
#include "hub-protocol/catalogue/search.h"
#include "hub-protocol/seal/directory.h"
#include "tests/support/directory_answer.h"
#include "tests/support/large_catalogue.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

namespace {

double cpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

template <typename Work>
auto timed(const char* what, const Work& work) {
  const SystemClock clock;
  const double cpu_before = cpu();
  const Micros before = clock.steady();
  auto result = work();
  std::printf("%-44s %8.2f ms, %8.2f CPU-ms\n", what, static_cast<double>(clock.steady() - before) / 1e3,
              cpu() - cpu_before);
  return result;
}

yaml::CatalogueFolder read(const std::filesystem::path& folder) {
  yaml::Diagnostics diagnostics;
  yaml::CatalogueFolder content = catalogue::read_folder(folder, catalogue::Encoding::utf8, diagnostics);
  diagnostics.throw_if_errors();
  return content;
}

void search(const Catalogue& catalogue) {
  const catalogue::SearchIndex index = timed("ready for searching", [&] { return catalogue::SearchIndex(catalogue); });
  const char* words[] = {"qydj",      "企业登记", "police", "银行账号", "subsidy_100",
                         "税务 补贴", "x",        "wsjk",   "没有",     "r"};
  const SystemClock clock;
  std::vector<Micros> times;
  std::size_t found = 0;
  for (int i = 0; i < 1000; ++i) {
    const Micros before = clock.steady();
    found += index.search(words[i % 10], 50).size();
    times.push_back(clock.steady() - before);
  }
  std::sort(times.begin(), times.end());
  std::printf("%-44s %8.3f ms, the slowest of 1000 %.3f ms, %zu found\n", "a search, median",
              static_cast<double>(times[500]) / 1e3, static_cast<double>(times.back()) / 1e3, found);
}

}  // namespace

int main() {
  const test::TempDir dir;
  const Directory large = test::large_catalogue();
  const yaml::CatalogueFolder content{large.catalogue, large.departments};
  catalogue::write_files(dir / "yaml", catalogue::yaml_files(content));
  catalogue::write_files(dir / "csv", catalogue::csv_files(content));
  Directory directory = large;
  directory.catalogue = timed("load from YAML", [&] { return read(dir / "yaml").catalogue; });
  timed("load from CSV", [&] { return read(dir / "csv").catalogue.topics.size(); });
  timed("pinyin initials, first time", [&] { return catalogue::write_initials(directory.catalogue), 0; });
  timed("pinyin initials, again", [&] { return catalogue::write_initials(directory.catalogue), 0; });
  const seal::SigningKey key = seal::SigningKey::generate();
  directory.version = 1;
  directory.hub_key = key.record();
  const seal::SealedDirectory sealed =
      timed("seal as a directory", [&] { return seal::seal_directory(directory, key); });
  std::size_t octets = sealed.signed_root.size();
  for (const auto& [digest, part] : sealed.parts) octets += part.size();
  std::printf("%-44s %8zu octets\n", "directory, all parts", octets);
  SystemRandom random;
  const SystemClock clock;
  store::Store store({dir / "queue.db", {}, 0}, Bytes(32, 'k'), random);
  flow::DirectoryKeeper keeper(store, clock, key.record());
  test::DirectoryAnswer hub(sealed);
  timed("verify and keep at an agent", [&] { return keeper.refresh(hub), 0; });
  timed("compare with another version",
        [&] { return catalogue::compare(large.catalogue, keeper.in_force()->catalogue).size(); });
  search(keeper.in_force()->catalogue);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%-44s %8ld MiB\n", "peak memory", usage.ru_maxrss / 1024);
  return 0;
}
