// The whole life of a department in the exchange, and the auditor's proof of it: shipped programs and public commands
// only, beginning with an empty hub.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/crash/new_exchange.h"

using namespace qianzhi;
using crash::NewExchange;
using crash::Output;

namespace {

constexpr char firms[] = "commerce.opening_registration";
constexpr char changes[] = "commerce.change_registration";
constexpr char provider[] = "commerce-01";
constexpr char receiver[] = "market-01";

constexpr char provider_parts[] = R"(sources:
  business: {type: sqlite, file: commerce-01.db, capture: journal, poll_interval: 50ms}
publications:
  - topic: commerce.opening_registration
    source: business
    table: enterprise
    items:
      registration_number: reg_no
      enterprise_name: ent_name
      legal_representative: legal
      identity_document_number: id_no
      domicile: address
      postal_code: postal
      contact_phone: phone
      area_code: {area: {column: district}}
  - topic: commerce.change_registration
    source: business
    table: ent_change
    items:
      source_row_id: id
      registration_number: reg_no
      changed_item: item
      content_after_change: content
      area_code: {area: {column: district}}
)";
constexpr char receiver_parts[] = R"(targets:
  received: {type: sqlite, file: market-01.db}
subscriptions:
  - {topic: commerce.opening_registration, target: received, table: firms, apply: history}
  - {topic: commerce.change_registration, target: received, table: events, apply: history}
)";

constexpr char tables[] = R"(
CREATE TABLE enterprise(reg_no TEXT PRIMARY KEY NOT NULL, ent_name TEXT, legal TEXT, id_no TEXT, address TEXT,
  postal TEXT, phone TEXT, district TEXT);
CREATE TABLE ent_change(id INTEGER PRIMARY KEY, reg_no TEXT, item TEXT, content TEXT, district TEXT);
)";

constexpr char five_items[] = "registration_number,enterprise_name,legal_representative,domicile,area_code";
constexpr char columns_of_five[] = "reg_no, ent_name, legal, address, district";

// The application: firms of three districts come, change, move and go, each with an event.
class Registry {
 public:
  explicit Registry(crash::Database& database) : database_(database) {}
  void work(int count) {
    for (int i = 0; i < count; ++i) one();
  }

 private:
  void one() {
    static const char* const districts[] = {"440103", "440104", "440105"};
    ++last_;
    const std::string id = std::to_string(last_), firm = "F" + id, district = districts[last_ % 3];
    const std::string three = std::string(3 - id.size(), '0') + id;
    std::string text = "BEGIN IMMEDIATE; INSERT INTO enterprise VALUES('" + firm + "', '企业" + id + "', '法人" + id +
                       "', '440103800101" + three + "', '地址" + id + "', '510000', '020-81234" + three + "', '" +
                       district + "');";
    const std::string older = "'F" + std::to_string(last_ / 2) + "'";
    text += "UPDATE enterprise SET ent_name = ent_name || '改', district = '" + district + "' WHERE reg_no = " + older;
    if (last_ % 5 == 0) text += "; DELETE FROM enterprise WHERE reg_no = 'F" + std::to_string(last_ - 2) + "'";
    text += "; INSERT INTO ent_change VALUES(" + id + ", " + older + ", '名称', '内容" + id + "', '" + district + "')";
    database_.run(text + "; COMMIT;");
  }

  crash::Database& database_;
  int last_ = 0;
};

struct Life {
  Life() : registry(city.database(provider_of(city))) {}
  static const char* provider_of(NewExchange& city) {
    city.enrol(provider, "commerce", provider_parts);
    for (const char* topic : {firms, changes}) city.hub_says({"provision", "add", topic, provider});
    city.database(provider).run(tables);
    city.install(provider);
    city.start(provider);
    city.await_connected(provider);
    return provider;
  }
  std::vector<std::string> held(const std::string& query) { return city.database(receiver).rows(query); }
  std::string count(const std::string& what) { return held("SELECT count(*) FROM " + what)[0]; }
  std::string granted(const char* topic, const std::string& items, const char* districts) {
    std::vector<std::string> words = {"request-access", topic,      "--groups", districts,
                                      "--purpose",      "市场监管", "--basis",  "市监发〔2026〕1 号",
                                      "--reason",       "日常监管", "--until",  "2099-12-31"};
    if (!items.empty()) words.insert(words.end(), {"--items", items});
    return crash::last_line(city.hub_says({"access", "approve", crash::last_line(city.says(receiver, words))}));
  }
  // What the department has equals what the source has, and there is something.
  void await_equal(const std::string& wanted, const std::string& got) {
    std::vector<std::string> source, target;
    try {
      city.await("equal rows", [&] {
        source = city.database(provider).rows(wanted);
        target = held(got);
        return source == target && !target.empty();
      });
    } catch (const std::runtime_error& error) {
      const auto [want, have] = std::mismatch(source.begin(), source.end(), target.begin(), target.end());
      throw std::runtime_error(error.what() + ("\nsource " + (want == source.end() ? "nothing" : *want)) + ", target " +
                               (have == target.end() ? "nothing" : *have) + "\n" + city.on(receiver, {"status"}).text);
    }
  }
  void await_exactly(const std::string& columns, const std::string& items, const std::string& districts) {
    await_equal("SELECT " + columns + " FROM enterprise WHERE district IN (" + districts + ") ORDER BY reg_no",
                "SELECT " + items + " FROM firms ORDER BY registration_number");
  }
  void await_events(const std::string& districts) {
    await_equal(
        "SELECT id, reg_no, item, content, district FROM ent_change WHERE district IN (" + districts + ") ORDER BY id",
        "SELECT source_row_id, registration_number, changed_item, content_after_change, area_code FROM events"
        " ORDER BY CAST(source_row_id AS INTEGER)");
  }
  bool ever_held(const std::string& condition) {
    return count("firms_history WHERE qz_operation = 'upsert' AND (" + condition + ")") != "0|";
  }

  NewExchange city;
  Registry registry;
};

// Only files go with the auditor: what the hub exported, and the directory key that a member was given when it joined,
// which another one has followed since.
void audit(Life& life) {
  NewExchange& city = life.city;
  city.hub_says({"directory-key", "announce"});
  city.await_connected(provider);
  city.hub_says({"directory-key", "rotate", "--yes"});
  city.await_connected(provider);
  const std::filesystem::path evidence = city.file("evidence");
  city.hub_says({"evidence", evidence.string()});
  city.hub_says({"export", (evidence / "batches").string()});
  const std::string ledger = city.hub_says({"ledger", "--by", "topic,receiver", "--csv"});
  INFO(ledger);
  CHECK(ledger.find(firms) != std::string::npos);
  city.hub_says({"export", city.file("log")});
  city.stop(provider);
  city.stop(receiver);
  city.stop_hub();
  const std::filesystem::path desk = city.file("auditor");
  std::filesystem::create_directory(desk);
  std::filesystem::copy(evidence, desk / "evidence", std::filesystem::copy_options::recursive);
  std::filesystem::copy(city.file("log"), desk / "log");
  std::filesystem::copy(city.file(std::string(receiver) + "/directory.pub"), desk / "directory.pub");
  const auto verify = [&](const char* what) {
    return city.qianzhi({"verify", (desk / what).string(), "--directory-key", (desk / "directory.pub").string()});
  };
  const Output verified = verify("evidence");
  INFO(verified.text);
  CHECK(verified.exit == 0);
  CHECK(verified.text.find("audit entries") != std::string::npos);
  const Output log = verify("log");
  INFO(log.text);
  CHECK(log.exit == 0);
  // A trail from which one octet was taken is no proof any more.
  const std::filesystem::path trail = desk / "evidence" / "entries.qza";
  REQUIRE(std::filesystem::exists(trail));
  std::string octets = crash::text_of(trail);
  octets[octets.size() / 2] = static_cast<char>(octets[octets.size() / 2] ^ 1);
  std::ofstream(trail, std::ios::binary | std::ios::trunc) << octets;
  CHECK(verify("evidence").exit != 0);
}

}  // namespace

TEST_CASE(
    "S2.6 S3.4 S3.5 A16 the life of a department from an empty hub: enrolled, granted five items of one district, "
    "widened, narrowed, renewed, revoked, and audited offline") {
  Life life;
  NewExchange& city = life.city;
  life.registry.work(40);
  city.enrol(receiver, "market", receiver_parts);
  city.install(receiver);
  city.start(receiver);
  // Deny by default, and it is told so.
  city.await("what it lacks",
             [&] { return city.on(receiver, {"status"}).text.find("QZ-AGT-060") != std::string::npos; });
  CHECK(life.count("firms") == "0|");

  const std::string grant = life.granted(firms, five_items, "440103");
  life.granted(changes, "", "440103");
  life.await_exactly(columns_of_five, five_items, "'440103'");
  life.await_events("'440103'");
  life.registry.work(20);
  life.await_exactly(columns_of_five, five_items, "'440103'");
  CHECK_FALSE(life.ever_held("area_code <> '440103'"));
  for (const char* item : {"identity_document_number", "postal_code", "contact_phone"}) {
    INFO(item);
    CHECK_FALSE(life.ever_held(std::string(item) + " IS NOT NULL"));
  }

  // Wider: another district and another item; then narrower than at first, while nothing else changes.
  const std::string six_items = std::string(five_items) + ",contact_phone";
  city.hub_says({"grant", "change", grant, "--items", six_items, "--groups", "440103,440104"});
  life.await_exactly(std::string(columns_of_five) + ", phone", six_items, "'440103', '440104'");
  CHECK_FALSE(life.ever_held("area_code = '440105'"));
  city.hub_says(
      {"grant", "change", grant, "--items", "registration_number,enterprise_name,area_code", "--groups", "440104"});
  life.await_exactly("reg_no, ent_name, NULL, NULL, NULL, district",
                     "registration_number, enterprise_name, legal_representative, domicile, contact_phone, area_code",
                     "'440104'");

  const std::string before = city.certificate(receiver);
  city.says(receiver, {"renew"});
  city.await("another certificate", [&] { return city.certificate(receiver) != before; });
  CHECK(city.hub_says({"certificate", "list"}).find(std::string(receiver) + "\tagent\t") != std::string::npos);
  life.registry.work(10);
  life.await_exactly("reg_no, ent_name, district", "registration_number, enterprise_name, area_code", "'440104'");
  life.await_events("'440103'");

  city.hub_says({"agent", "revoke", receiver, "--reason", "测试结束", "--yes"});
  city.await("the refusal",
             [&] { return city.on(receiver, {"status"}).text.find("QZ-LINK-010") != std::string::npos; });
  const auto last = life.held("SELECT * FROM firms_history");
  const int sent = city.batches(firms);
  life.registry.work(5);
  city.await("further batches", [&] { return city.batches(firms) > sent; });
  CHECK(life.held("SELECT * FROM firms_history") == last);
  audit(life);
}
