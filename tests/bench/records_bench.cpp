// Base records of firms (three sources) and of persons (two): CPU-seconds, memory, size of desk.db and of its log to
// build them from what was received, to build them again over what is there, and for each changed row. Limits in the
// same run: plain SQLite copies of the same rows (INSERT ... SELECT), and plain updates of the copies by their key.
// bench_records [FIRMS [PERSONS]], three persons a firm unless told, in TMPDIR. Fails if the records are not as many as
// were made.
#include "agent/desk/records/records.h"

#include <string>
#include <vector>

#include "agent/mapping/check_digits.h"
#include "hub-protocol/base/error.h"
#include "tests/bench/desk_measure.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::bench;

constexpr const char* schema = R"(
CREATE TABLE commerce(registration_number TEXT PRIMARY KEY, name TEXT, address TEXT, person TEXT, phone TEXT)
  WITHOUT ROWID;
CREATE TABLE quality(organisation_code TEXT PRIMARY KEY, registration_number TEXT, name TEXT) WITHOUT ROWID;
CREATE TABLE tax(taxpayer_id TEXT PRIMARY KEY, registration_number TEXT, name TEXT, address TEXT) WITHOUT ROWID;
CREATE TABLE population(citizen TEXT PRIMARY KEY, name TEXT, address TEXT) WITHOUT ROWID;
CREATE TABLE insured(number TEXT PRIMARY KEY, citizen TEXT, name TEXT) WITHOUT ROWID;
)";

constexpr const char* configuration = R"(version: 1
desk: {id: bench}
database: desk.db
received: [{name: received, file: received.db}]
tables:
  - {id: commerce, table: received.commerce, key: [registration_number]}
  - {id: quality, table: received.quality, key: [organisation_code]}
  - {id: tax, table: received.tax, key: [taxpayer_id]}
  - {id: population, table: received.population, key: [citizen]}
  - {id: insured, table: received.insured, key: [number]}
records:
  firm:
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
  person:
    base: population
    sources:
      population: {table: population, codes: {citizen_id: citizen}, items: {name: name, address: address}}
      insured: {table: insured, codes: {citizen_id: citizen}, items: {name: name}}
    items:
      name: {from: [population, insured], standard: person}
      address: {from: [population]}
)";

constexpr const char* tables[] = {"commerce", "quality", "tax", "population", "insured"};

// Each i once, far from where i stands: what one department numbers in order is in no order for another.
std::size_t shuffled(std::size_t i, std::size_t digits) { return i * 48'271 % digits; }

std::string registration_number(std::size_t i) {
  const std::string body = std::to_string(44'010'100'000'000 + i);
  return body + mapping::registration_number_check_digit(body);
}

std::string organisation_code(std::size_t i) {
  const std::string body = std::to_string(10'000'000 + shuffled(i, 89'999'999));
  return body + mapping::organisation_code_check_digit(body);
}

std::string citizen_id(std::size_t i) {
  const std::string day = date_text(static_cast<Day>(shuffled(i / 900, 15'000)));
  const std::string body = "4401" + std::to_string(10 + i % 12) + day.substr(0, 4) + day.substr(5, 2) +
                           day.substr(8, 2) + std::to_string(100 + i % 900);
  return body + mapping::citizen_id_check_digit(body);
}

void load_firms(sqlite::Database& received, std::size_t firms) {
  load(received, "firms, codes and tax registrations", firms, [&](std::size_t i) {
    const std::string number = registration_number(i);
    const std::string code = organisation_code(i);
    const std::string name = "第" + std::to_string(i) + "贸易有限公司";
    const std::string address = "天河区体育西路" + std::to_string(i % 900) + "号";
    received.prepare("INSERT INTO commerce VALUES(?1, ?2, ?3, '陈志明', '020-87654321')")
        .bind(1, number)
        .bind(2, "广州市" + name)
        .bind(3, "广州市" + address)
        .run();
    if (i % 10 != 0)
      received.prepare("INSERT INTO quality VALUES(?1, ?2, ?3)")
          .bind(1, code)
          .bind(2, number)
          .bind(3, "广州" + name)
          .run();
    if (i % 4 != 0)
      received.prepare("INSERT INTO tax VALUES(?1, ?2, ?3, ?4)")
          .bind(1, "440100" + code)
          .bind(2, number)
          .bind(3, "广州" + name)
          .bind(4, address)
          .run();
  });
}

// Two of three are insured, under numbers of another order.
void load_persons(sqlite::Database& received, std::size_t persons) {
  load(received, "persons and insured", persons, [&](std::size_t i) {
    const std::string name = "李" + std::to_string(i % 5'000);
    received.prepare("INSERT OR IGNORE INTO population VALUES(?1, ?2, '广州市越秀区建设街')")
        .bind(1, citizen_id(i))
        .bind(2, name)
        .run();
    if (i % 3 != 0)
      received.prepare("INSERT OR IGNORE INTO insured VALUES(?1, ?2, ?3)")
          .bind(1, std::to_string(1'000'000'000 + i))
          .bind(2, citizen_id(shuffled(i, 17'000'023) % persons))
          .bind(3, name)
          .run();
  });
}

std::size_t count_of(sqlite::Database& database, const std::string& table) {
  return static_cast<std::size_t>(database.scalar("SELECT count(*) FROM " + table).value_or(0));
}

// The limit: what SQLite itself takes to keep the same rows, in a store with the same settings. Gives us a row.
double copy_plainly(DeskFolder& folder, std::size_t rows) {
  desk::DeskConfig config = folder.file.desk;
  config.database = folder.folder / "plain.db";
  config.tables.clear();
  desk::DeskStore plain(config, folder.clock);
  plain.database().execute(schema);
  const Measure measure("limit: INSERT ... SELECT of the same rows");
  for (const std::string table : tables)
    plain.database().execute("INSERT INTO main." + table + " SELECT * FROM received." + table);
  return measure.end(rows);
}

// A step over the whole table, so that no two changes are neighbours.
void change_names(sqlite::Database& database, const std::string& name, std::size_t changes, std::size_t firms) {
  load(database, name, changes, [&](std::size_t i) {
    database.prepare("UPDATE commerce SET name = name || '司' WHERE registration_number = ?1")
        .bind(1, registration_number(shuffled(i, firms)))
        .run();
  });
}

double update_plainly(DeskFolder& folder, std::size_t changes, std::size_t firms) {
  desk::DeskConfig config = folder.file.desk;
  config.database = folder.folder / "plain.db";
  config.tables.clear();
  desk::DeskStore plain(config, folder.clock);
  const double before = cpu_now();
  change_names(plain.database(), "limit: UPDATE by key", changes, firms);
  return changes == 0 ? 0 : (cpu_now() - before) * 1e6 / static_cast<double>(changes);
}

double catch_up(desk::records::Records& records, const std::string& name) {
  const Measure measure(name);
  std::size_t taken = 0;
  for (std::uint64_t some = 1; some != 0;) {
    some = records.catch_up(2, desk::records::Records::changes_at_once).changes;
    taken += some;
  }
  return measure.end(taken);
}

class Bench {
 public:
  Bench(DeskFolder& folder, std::size_t firms, std::size_t persons) : folder_(folder), firms_(firms) {
    load_firms(folder.received, firms);
    load_persons(folder.received, persons);
    for (const std::string table : tables) rows_ += count_of(folder.received, table);
    persons_ = count_of(folder.received, "population");
    folder.plan({});
  }

  bool run() {
    const double limit = copy_plainly(folder_, rows_);
    desk::DeskStore store(folder_.file.desk, folder_.clock);
    yaml::Diagnostics diagnostics;
    yaml::MapReader reader(folder_.file.records, "records", diagnostics);
    std::vector<desk::Table> known;
    desk::ChangeFile log{"\"received\".\"desk_change\"", {}};
    for (const auto& [id, table] : store.tables()) {
      known.push_back(table);
      log.tables[id] = id;
    }
    const desk::records::RecordsConfig config = desk::records::read_records(reader, known);
    diagnostics.throw_if_errors();
    desk::records::Records records(store.database(), config, {log});
    const Measure build("build: rows of sources");
    const desk::records::BuildReport report = records.build(1);
    show_ratio("build", build.end(report.pieces), limit);
    folder_.show_size(report.pieces);
    change(records);
    const Measure again("build again, a tenth changed: rows of sources");
    records.build(3);
    again.end(report.pieces);
    folder_.show_size(report.pieces);
    return is_right(store.database());
  }

 private:
  void change(desk::records::Records& records) {
    const std::size_t changes = std::min<std::size_t>(firms_ / 10, 20'000);
    const double limit = update_plainly(folder_, changes, firms_);
    change_names(folder_.received, "changes of names", changes, firms_);
    show_ratio("catch up", catch_up(records, "catch up: names"), limit);
    load(folder_.received, "codes that leave their firms", changes, [&](std::size_t i) {
      folder_.received.prepare("UPDATE quality SET registration_number = '' WHERE organisation_code = ?1")
          .bind(1, organisation_code(shuffled(i, firms_)))
          .run();
    });
    show_ratio("catch up", catch_up(records, "catch up: codes"), limit);
    change_names(folder_.received, "a tenth of the firms changes", firms_ / 10, firms_);
    show_ratio("catch up", catch_up(records, "catch up: a tenth"), limit);
  }

  // Each firm is one record, and those that lost their code and are in no tax table leave a second one.
  bool is_right(sqlite::Database& database) const {
    const auto whole = static_cast<std::size_t>(
        database.scalar("SELECT count(*) FROM base_record WHERE kind = 'firm' AND state = 'whole'").value_or(0));
    const auto persons = static_cast<std::size_t>(
        database.scalar("SELECT count(*) FROM base_record WHERE kind = 'person' AND state = 'whole'").value_or(0));
    if (whole == firms_ && persons == persons_) return true;
    std::printf("WRONG: %zu firms of %zu, %zu persons of %zu\n", whole, firms_, persons, persons_);
    return false;
  }

  DeskFolder& folder_;
  std::size_t firms_;
  std::size_t persons_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace

int main(int count, char** values) {
  const std::size_t firms = argument(count, values, 1, 100'000);
  const std::size_t persons = argument(count, values, 2, 3 * firms);
  const test::TempDir temporary;
  try {
    DeskFolder folder(temporary.path(), schema, configuration);
    return Bench(folder, firms, persons).run() ? 0 : 1;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s %s\n", error.code().c_str(), error.detail().c_str());
    return 1;
  }
}
