// The first minutes of a DBA (E8): a token, a database that nobody prepared, and the public commands, unattended.
#include <catch2/catch.hpp>

#include <filesystem>

#include "tests/crash/new_exchange.h"

using namespace qianzhi;
using crash::NewExchange;
using crash::Output;

namespace {

constexpr char first_topic[] = "commerce.opening_registration";
constexpr char first_agent[] = "commerce-09";

// As such tables are: columns named by pinyin initials, in capitals, one that is no item, and another table.
constexpr char first_tables[] = R"(
PRAGMA journal_mode=WAL;
CREATE TABLE T_LOG(ID INTEGER PRIMARY KEY, NR TEXT);
CREATE TABLE T_QYJBXX(QYZCH TEXT PRIMARY KEY NOT NULL, QYMC TEXT, FDDBR TEXT, ZS TEXT, CLRQ TEXT, XZQHDM TEXT,
  CZYH TEXT);
INSERT INTO T_QYJBXX
  VALUES('440103000000016', '广州市宏达贸易有限公司', '陈志明', '体育西路 1 号', '2020-01-02', '440103', 'u1');
)";

struct FirstRun {
  explicit FirstRun(bool is_provider = true) {
    token = city.token_for(first_agent, "commerce");
    if (is_provider) city.hub_says({"provision", "add", first_topic, first_agent});
    database = crash::open_sqlite(city.file("business.db"));
    database->run(first_tables);
  }
  Output init(std::vector<std::string> more) {
    std::vector<std::string> words = {"init",       "--yes", "-c",     city.file(std::string(first_agent) + ".yaml"),
                                      "--identity", folder,  "--page", "0"};
    words.insert(words.end(), more.begin(), more.end());
    return city.qianzhi(words);
  }
  std::vector<std::string> sqlite_source() { return {"--type", "sqlite", "--set", "file=" + city.file("business.db")}; }
  std::string configuration() { return crash::text_of(city.file(std::string(first_agent) + ".yaml")); }

  NewExchange city;
  std::string token;
  std::string folder = city.file("place/identity");
  std::unique_ptr<crash::Database> database;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("E8 from a token and an unprepared database to rows at the hub, unattended") {
  FirstRun first;
  NewExchange& city = first.city;
  const SystemClock clock;
  const Micros begin = clock.steady();
  std::filesystem::create_directory(city.file("place"));
  std::vector<std::string> more = first.sqlite_source();
  more.insert(more.begin(), {"--token", first.token});
  const Output init = first.init(more);
  INFO(init.text);
  REQUIRE(init.exit == 0);
  INFO(first.configuration());
  for (const char* line : {"registration_number: QYZCH", "enterprise_name: QYMC", "legal_representative: FDDBR",
                           "area_code: {area: {column: XZQHDM}}", "# contact_phone: COLUMN"})
    CHECK(has(first.configuration(), line));
  CHECK_FALSE(has(first.configuration(), "CZYH"));

  first.database->run(city.says(first_agent, {"plan"}));
  const Output live = city.on(first_agent, {"check", "--live"});
  INFO(live.text);
  REQUIRE(live.exit == 0);
  const std::string sample = city.says(first_agent, {"sample", first_topic});
  CHECK(has(sample, "陈***"));
  CHECK_FALSE(has(sample, "陈志明"));
  city.start(first_agent);
  city.await_connected(first_agent);
  city.await("the first rows", [&] { return city.batches(first_topic) > 0; });
  const int sent = city.batches(first_topic);
  first.database->run("UPDATE T_QYJBXX SET ZS = '体育西路 2 号'");
  city.await("the change", [&] { return city.batches(first_topic) > sent; });
  WARN("from the token to the first change at the hub: " << (clock.steady() - begin) / 1000 << " ms");
}

TEST_CASE("E8 init says what it lacks, overwrites nothing, and leaves what it cannot know to a person") {
  FirstRun first(false);
  NewExchange& city = first.city;
  CHECK(has(first.init(first.sqlite_source()).text, "QZ-AGT-172"));
  std::filesystem::create_directory(city.file("place"));
  CHECK(has(first.init({"--token", first.token}).text, "QZ-AGT-170"));
  // The identity is there by now: the token is not needed again.
  std::vector<std::string> more = first.sqlite_source();
  more.insert(more.end(), {"--publish", std::string(first_topic) + "=T_LOG"});
  const Output waiting = first.init(more);
  INFO(waiting.text);
  CHECK(waiting.exit == 78);
  CHECK(has(waiting.text, "registration_number"));
  CHECK(has(first.configuration(), "# registration_number: COLUMN"));
  CHECK(has(first.init(more).text, "QZ-AGT-171"));
  more.push_back("--force");
  more[5] = std::string(first_topic) + "=NO_SUCH_TABLE";
  CHECK(has(first.init(more).text, "QZ-AGT-173"));
  CHECK(has(first.configuration(), "# registration_number: COLUMN"));
}
