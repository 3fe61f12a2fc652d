// Lookups over many firms: the index built, one search of each kind, and candidates of a match. Arguments: firms
// (default 20000).
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "agent/desk/lookup/index.h"
#include "agent/desk/match/candidates.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::desk;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::string firm_name(unsigned i) {
  static const char* const trades[] = {"宏达", "永盛", "金源", "恒通", "瑞丰", "华茂", "天誉", "嘉禾", "广兴", "新业"};
  static const char* const lines[] = {"贸易", "科技", "商贸", "实业", "食品", "建材", "服装", "电子", "物流", "印刷"};
  static const char* const more[] = {"东", "南", "西", "北", "中", "春", "夏", "秋", "冬", "明"};
  std::string name = "广州市";
  name += more[i / 1000 % 10];
  name += more[i / 10000 % 10];
  name += more[i / 100000 % 10];
  return name + trades[i % 10] + lines[i / 10 % 10] + more[i / 100 % 10] + "有限公司";
}

template <typename Work>
void timed(const char* what, const Work& work) {
  constexpr int times = 20;
  const auto begin = std::chrono::steady_clock::now();
  std::size_t found = 0;
  for (int i = 0; i < times; ++i) found = work();
  std::printf("%-34s %8.2f ms, %zu found\n", what, seconds_since(begin) * 1000 / times, found);
}

}  // namespace

int main(int count, char** arguments) {
  const unsigned firms = count > 1 ? static_cast<unsigned>(std::strtoul(arguments[1], nullptr, 10)) : 20'000;
  const test::TempDir folder;
  sqlite::Database database(folder / "desk.db", {});
  database.execute("CREATE TABLE firm(code TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID");
  lookup::LookupConfig config;
  lookup::Subject subject;
  subject.id = "firm";
  subject.name = "name";
  subject.codes = {"code"};
  subject.table.id = "firm";
  subject.table.name = "firm";
  subject.table.key = {"code"};
  subject.table.columns = {{"code", "code"}, {"name", "name"}};
  config.subjects.push_back(subject);
  match::Decisions decisions(database);
  match::Candidates candidates(database, decisions);
  {
    sqlite::Transaction transaction(database);
    for (unsigned i = 0; i < firms; ++i)
      database.prepare("INSERT INTO firm VALUES(?, ?)")
          .bind(1, std::to_string(1'000'000'000 + i))
          .bind(2, firm_name(i))
          .run();
    transaction.commit();
  }
  lookup::Index index(database, config, {});
  auto begin = std::chrono::steady_clock::now();
  index.build();
  const double build = seconds_since(begin);
  std::printf("index: %u firms in %.1f s; a million %.0f s, %.0f octets each\n", firms, build, build * 1e6 / firms,
              static_cast<double>(std::filesystem::file_size(folder / "desk.db")) / firms);
  const std::string last = std::to_string(1'000'000'000 + firms - 1);
  const std::string name = firm_name(firms / 2);
  const auto find = [&](lookup::SearchBy by, const std::string& text) {
    return index.find(subject, by, text, 51).size();
  };
  timed("by code", [&] { return find(lookup::SearchBy::code, last); });
  timed("by whole name", [&] { return find(lookup::SearchBy::name, name); });
  timed("by part of two, common", [&] { return find(lookup::SearchBy::name, "宏达"); });
  timed("by part that is nowhere", [&] { return find(lookup::SearchBy::name, "贸易宏达"); });
  timed("by initials", [&] { return find(lookup::SearchBy::initials, "ddzhdmyd"); });

  begin = std::chrono::steady_clock::now();
  {
    sqlite::Transaction transaction(database);
    for (unsigned i = 0; i < firms; ++i) candidates.put(std::to_string(i), {firm_name(i), {}, "", ""});
    transaction.commit();
  }
  const double put = seconds_since(begin);
  std::printf("candidates: %u firms in %.1f s; a million %.0f s\n", firms, put, put * 1e6 / firms);
  timed("candidates of one", [&] { return candidates.find("other", {name, {}, "", ""}, 10).size(); });
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak %ld MiB\n", usage.ru_maxrss / 1024);
  return 0;
}
