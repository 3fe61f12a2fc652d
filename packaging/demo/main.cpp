// qianzhi-demo: a hub, five departments with their databases, and rows that go from each to the others.
#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "hub-protocol/base/error.h"
#include "hub-protocol/command/manual.h"
#include "hub-protocol/service/process.h"
#include "packaging/demo/demonstration.h"

int main(int count, char** values) {
  CLI::App app("一个交换中心，五个部门 / a hub and five departments");
  qianzhi::demo::Options options;
  app.add_flag("--once", options.once, "运行到全部到达，逐行比较后结束 / run until everything arrived, compare, end");
  using qianzhi::demo::Databases;
  const std::map<std::string, Databases> kinds = {
      {"sqlite", Databases::sqlite}, {"postgresql", Databases::postgresql}, {"mixed", Databases::mixed}};
  app.add_option("--databases", options.databases,
                 "各部门的数据库 / the departments' databases: sqlite, postgresql (commerce, statistics), mixed "
                 "(PostgreSQL, MariaDB, CSV files, SQLite, ODBC)")
      ->transform(CLI::CheckedTransformer(kinds));
  using qianzhi::demo::Keys;
  const std::map<std::string, Keys> signatures = {{"ed25519", Keys::ed25519}, {"sm2", Keys::sm2}};
  app.add_option("--keys", options.keys, "签名密钥 / signing keys: ed25519, sm2 (SM2, SM3, SM4 throughout)")
      ->transform(CLI::CheckedTransformer(signatures));
  app.add_flag("--keep", options.keep, "保留运行目录 / keep the run directory");
  app.add_option("--firms", options.firms, "企业户数 / firms")->capture_default_str()->check(CLI::Range(20, 1'000'000));
  app.add_option("--seed", options.seed, "随机种子 / seed of the invented data")->capture_default_str();
  app.add_option("--changes", options.changes, "--once 时的事务数 / transactions with --once")->capture_default_str();
  app.add_option("--directory", options.directory, "运行目录（保留） / run directory, kept; default: a temporary one");
  app.add_option("--root", options.root, "源代码目录 / the checkout; default: above this program");
  std::string language;
  app.add_option("--manual", language, "打印手册页（roff） / print the manual page (roff)")
      ->check(CLI::IsMember({"zh", "en"}));
  CLI11_PARSE(app, count, values);
  if (!language.empty()) {
    using namespace qianzhi::command;
    std::cout << manual_of(table_of(app, "qianzhi-demo", [](const CLI::App&) { return std::vector<Example>{}; }),
                           language_named(language));
    return 0;
  }
  try {
    return qianzhi::demo::demonstrate(options);
  } catch (const qianzhi::Error& error) {
    if (error.code() == "QZ-DEM-003") return 130;
    return qianzhi::service::tell(error);
  }
}
