// Base records of very many rows: what grows with them, and what must not.
#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

#include "agent/desk/records/full_build.h"
#include "tests/support/sqlite_steps.h"
#include "tests/unit/desk_records_desk.h"

using namespace qianzhi;
using namespace qianzhi::desk;
using namespace qianzhi::desk::records;

namespace {

void fill(sqlite::Database& received, unsigned firms) {
  sqlite::Transaction transaction(received);
  for (unsigned i = 0; i < firms; ++i) {
    received.prepare("INSERT INTO opening VALUES(?1, ?2, '', '', '2006-03-01', '', '')")
        .bind(1, made_number(i))
        .bind(2, "第" + std::to_string(i) + "贸易有限公司")
        .run();
    received.prepare("INSERT INTO certificate VALUES(?1, ?2, ?3, '2006-03-09')")
        .bind(1, made_organisation(i))
        .bind(2, made_number(i))
        .bind(3, "第" + std::to_string(i) + "贸易公司")
        .run();
  }
  transaction.commit();
}

// For a firm of so many: to build it, to build it again, and to catch up with ten names and ten codes that changed.
struct Steps {
  double build = 0;
  double again = 0;
  double change = 0;
};

Steps steps_with(unsigned firms) {
  const test::SqliteSteps all;
  Desk desk;
  fill(desk.received, firms);
  const auto counted = [&](const auto& work) {
    const std::int64_t before = all.taken();
    work();
    return static_cast<double>(all.taken() - before);
  };
  Steps steps;
  steps.build = counted([&] { desk.records.build(1); }) / firms;
  steps.again = counted([&] { desk.records.build(2); }) / firms;
  while (desk.records.catch_up(3, 1000).changes != 0) continue;
  for (unsigned i = 0; i < 10; ++i) {
    desk.received.prepare("UPDATE opening SET enterprise_name = '改名' WHERE registration_number = ?1")
        .bind(1, made_number(i * firms / 10))
        .run();
    desk.received.prepare("UPDATE certificate SET registration_number = '' WHERE organisation_code = ?1")
        .bind(1, made_organisation(i * firms / 10))
        .run();
  }
  steps.change = counted([&] { CHECK(desk.records.catch_up(4, 1000).changes == 20); });
  CHECK(desk.count("SELECT count(*) FROM base_record") == firms + 10);
  return steps;
}

}  // namespace

TEST_CASE("S4.2 S1.10 a changed row costs the same among ten times as many firms, and so does a firm in a build",
          "[records]") {
  const Steps few = steps_with(200);
  const Steps many = steps_with(2000);
  CHECK(few.build > 0);
  CHECK(many.build < few.build * 1.1);
  CHECK(many.again < few.again * 1.1);
  CHECK(many.change < few.change * 1.1);
}

TEST_CASE("S4.2 while rows of a source are read, what was written leaves the log", "[records]") {
  Desk desk;
  fill(desk.received, 1200);  // more than a page of them
  SourceRows rows(desk.database, desk.config.kinds.front());
  Pieces pieces(desk.database, desk.config.kinds.front());
  unsigned visited = 0;
  rows.each(*desk.config.kinds.front().source("commerce"), [&](const Piece& piece) {
    if (++visited % 400 != 0) return;
    pieces.put(piece);
    CHECK(std::filesystem::file_size(desk.folder / "desk.db-wal") > 0);
    desk.database.execute("PRAGMA main.wal_checkpoint(TRUNCATE)");
    CHECK(std::filesystem::file_size(desk.folder / "desk.db-wal") == 0);
  });
  CHECK(visited == 1200);
}

TEST_CASE("S1.10 codes of records stay readable while everything is built again, and wrong ones go", "[records]") {
  Desk desk;
  fill(desk.received, 3);
  desk.records.build(1);
  const std::int64_t codes = desk.count("SELECT count(*) FROM base_code");
  CHECK(codes == 6);
  desk.database.execute("INSERT INTO base_code VALUES('000', 'org:000', 'organisation_code')");
  desk.database.execute("DELETE FROM base_code WHERE code = '" + made_number(1) + "'");
  desk.database.execute("UPDATE base_code SET code_kind = 'credit_code' WHERE code = '" + made_number(2) + "'");
  desk.records.build(2);
  CHECK(desk.count("SELECT count(*) FROM base_code") == codes);
  CHECK(desk.count("SELECT count(*) FROM base_code WHERE code_kind = 'registration_number'") == 3);
  // Each index that a build does without is there afterwards.
  CHECK(desk.count("SELECT count(*) FROM sqlite_schema WHERE name IN ('base_piece_strong', 'base_piece_weak', "
                   "'base_piece_record', 'base_code_record')") == 4);
}
