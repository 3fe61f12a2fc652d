// Base records: seconds and memory to build them whole, and for each changed row. Arguments: firms (default 20000).
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "agent/desk/records/records.h"
#include "agent/mapping/check_digits.h"
#include "hub-protocol/yaml/document.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::desk;

constexpr const char* yaml_text = R"yaml(firm:
  base: commerce
  sources:
    commerce:
      table: commerce
      codes: {registration_number: registration_number}
      items: {name: name, address: address, person: person, phone: phone}
    quality:
      table: quality
      codes: {registration_number: registration_number, organisation_code: organisation_code}
      items: {name: name}
    tax:
      table: tax
      codes: {registration_number: registration_number, taxpayer_id: taxpayer_id}
      items: {name: name, address: address}
  items:
    name: {from: [commerce, quality, tax], standard: name}
    address: {from: [commerce, tax], standard: address}
    person: {from: [commerce]}
    phone: {from: [commerce]}
)yaml";

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

long peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

struct Watch {
  double cpu = cpu_seconds();
  std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
  void print(const char* what, unsigned long long number) const {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
    const double used = cpu_seconds() - cpu;
    const double a_million = number == 0 ? 0 : 1e6 / static_cast<double>(number);
    std::printf("%-28s %9llu: %7.2f s, %7.2f CPU-s; a million %7.1f s, %7.1f CPU-s; peak %ld MiB\n", what, number,
                seconds, used, seconds * a_million, used * a_million, peak_mib());
  }
};

void fill(sqlite::Database& received, unsigned firms) {
  received.execute(
      "CREATE TABLE commerce(registration_number TEXT PRIMARY KEY, name TEXT, address TEXT, person TEXT, phone TEXT)"
      " WITHOUT ROWID;"
      "CREATE TABLE quality(organisation_code TEXT PRIMARY KEY, registration_number TEXT, name TEXT) WITHOUT ROWID;"
      "CREATE TABLE tax(taxpayer_id TEXT PRIMARY KEY, registration_number TEXT, name TEXT, address TEXT) WITHOUT ROWID;"
      "CREATE TABLE desk_change(seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT, key TEXT,"
      " UNIQUE(source, key) ON CONFLICT REPLACE);");
  sqlite::Transaction transaction(received);
  for (unsigned i = 0; i < firms; ++i) {
    const std::string body = std::to_string(44010100000000 + i * 7ULL);
    const std::string number = body + mapping::registration_number_check_digit(body);
    const std::string code_body = std::to_string(10000000 + i);
    const std::string code = code_body + mapping::organisation_code_check_digit(code_body);
    const std::string name = "第" + std::to_string(i) + "贸易有限公司";
    const std::string address = "天河区体育西路" + std::to_string(i % 900) + "号";
    received.prepare("INSERT INTO commerce VALUES(?, ?, ?, '陈志明', '020-87654321')")
        .bind(1, number)
        .bind(2, "广州市" + name)
        .bind(3, "广州市" + address)
        .run();
    if (i % 10 != 0)
      received.prepare("INSERT INTO quality VALUES(?, ?, ?)")
          .bind(1, code)
          .bind(2, number)
          .bind(3, "广州" + name)
          .run();
    if (i % 4 != 0)
      received.prepare("INSERT INTO tax VALUES(?, ?, ?, ?)")
          .bind(1, "440100" + code)
          .bind(2, number)
          .bind(3, "广州" + name)
          .bind(4, address)
          .run();
  }
  transaction.commit();
}

Table table(const std::string& name, const std::string& key, const std::vector<std::string>& columns) {
  Table made;
  made.id = name;
  made.name = "\"received\".\"" + name + "\"";
  made.key = {key};
  for (const std::string& column : columns) made.columns[column] = column;
  return made;
}

}  // namespace

int main(int count, char** arguments) {
  const unsigned firms = count > 1 ? static_cast<unsigned>(std::strtoul(arguments[1], nullptr, 10)) : 20'000;
  const test::TempDir folder;
  sqlite::Database received(folder / "received.db", {});
  fill(received, firms);
  sqlite::Database database(folder / "desk.db", {});
  database.execute("ATTACH 'file:" + (folder / "received.db").string() + "?mode=ro' AS received");
  yaml::Diagnostics diagnostics;
  const auto root = yaml::parse_document("desk.yaml", yaml_text, diagnostics);
  yaml::MapReader reader(&*root, "records", diagnostics);
  const auto config = records::read_records(
      reader, {table("commerce", "registration_number", {"registration_number", "name", "address", "person", "phone"}),
               table("quality", "organisation_code", {"organisation_code", "registration_number", "name"}),
               table("tax", "taxpayer_id", {"taxpayer_id", "registration_number", "name", "address"})});
  diagnostics.throw_if_errors();
  records::Records records(
      database, config,
      {{"\"received\".\"desk_change\"", {{"commerce", "commerce"}, {"quality", "quality"}, {"tax", "tax"}}}});
  const Watch build;
  const auto report = records.build(1);
  build.print("build: rows", report.pieces);
  build.print("build: firms", report.records);
  std::printf("desk.db %.0f octets a firm\n",
              static_cast<double>(std::filesystem::file_size(folder / "desk.db")) / firms);

  // A tenth of the firms, at most 2000, change: half of them a value, half the bridge to their code.
  const unsigned changes = std::min(firms / 10, 2000U);
  const std::string some = std::to_string(changes / 2);
  received.execute(
      "UPDATE commerce SET name = name || '司' WHERE registration_number IN "
      "(SELECT registration_number FROM commerce LIMIT " +
      some +
      ");"
      "UPDATE quality SET registration_number = '' WHERE organisation_code IN "
      "(SELECT organisation_code FROM quality ORDER BY 1 DESC LIMIT " +
      some +
      ");"
      "INSERT INTO desk_change(source, key) SELECT 'commerce', json_array(registration_number) FROM "
      "(SELECT registration_number FROM commerce LIMIT " +
      some +
      ");"
      "INSERT INTO desk_change(source, key) SELECT 'quality', json_array(organisation_code) FROM "
      "(SELECT organisation_code FROM quality ORDER BY 1 DESC LIMIT " +
      some + ");");
  const Watch catching_up;
  std::uint64_t taken = 0;
  for (;;) {
    const auto done = records.catch_up(2, 500);
    if (done.changes == 0) break;
    taken += done.changes;
  }
  catching_up.print("catch up: changed rows", taken);
  return 0;
}
