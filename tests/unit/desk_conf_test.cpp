// The rules and reports that come with the product, on tables as the agent makes them of the shared catalogue.
#include <sstream>

#include "hub-protocol/yaml/catalogue.h"
#include "tests/unit/desk_world.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// conf/desk with the folder of its databases in another place.
void copy_configuration(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(QIANZHI_DESK_CONF)) {
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    std::string copied = text.str();
    replace_all(copied, "/var/lib/qianzhi-data", folder.string());
    replace_all(copied, "/var/lib/qianzhi", folder.string());
    std::ofstream(folder / entry.path().filename()) << copied;
  }
}

void create_received(sqlite::Database& received) {
  yaml::Diagnostics diagnostics;
  const Catalogue catalogue = yaml::load_catalogue(QIANZHI_CATALOGUE, diagnostics);
  REQUIRE_FALSE(diagnostics.has_errors());
  for (const auto& [id, topic] : catalogue.topics) {
    std::string name = id;
    replace_all(name, ".", "_");
    std::string columns;
    for (const Item& item : topic.items) columns += "\"" + item.id + "\" TEXT, ";
    std::string key;
    for (const std::string& item : topic.key) key += (key.empty() ? "" : ", ") + item;
    received.execute("CREATE TABLE " + name + "(" + columns +
                     "qz_origin TEXT, qz_group TEXT, qz_seen TEXT, PRIMARY KEY(" + key + "))");
  }
}

constexpr const char* firms = R"(
INSERT INTO commerce_opening_registration(registration_number, enterprise_name, establishment_date, area_code,
  legal_representative, domicile) VALUES ('R1', '甲公司', '2008-01-02', '330102', '王', '文三路1号'),
  ('R2', '乙公司', '2008-01-02', '330102', '李', '文三路2号'), ('R3', '丙（西湖）公司', '2008-01-02', '330106', '张', ''),
  ('R4', '丁公司', '2008-01-02', '330106', '赵', ''), ('R5', '戊公司', '2008-02-25', '330106', '赵', '');
INSERT INTO quality_code_certificate_issue(organisation_code, registration_number, organisation_name)
  VALUES ('O2', 'R2', '乙公司'), ('O3', 'R3', '丙(西湖) 公司'), ('O4', 'R4', '丁商行');
INSERT INTO national_tax_tax_registration(taxpayer_id, registration_number, organisation_code, taxpayer_name,
  legal_representative, registered_address, tax_registration_date) VALUES
  ('T2', '', 'O2', '乙公司', '李', '文三路２号', '2008-01-20'), ('T3', 'R3', 'O3', '丙(西湖)公司', '章', '', '2008-03-01');
INSERT INTO commerce_deregistration(registration_number, deregistration_date, enterprise_name)
  VALUES ('R3', '2008-03-02', '丙'), ('R4', '2008-03-02', '丁');
INSERT INTO local_tax_tax_deregistration(taxpayer_id, registration_number, taxpayer_name) VALUES ('L1', 'R1', '甲公司');
)";

}  // namespace

TEST_CASE("S1.6 S1.8 S2.2 S3.3 the rules that come with the catalogue find each of their cases") {
  DeskWorld world("tables: []\n", "CREATE TABLE qz_mark(x)",
                  "CREATE TABLE tax_exemption(registration_number TEXT, party TEXT,"
                  " PRIMARY KEY(registration_number, party));INSERT INTO tax_exemption VALUES ('R2', 'local_tax'), "
                  "('R5', 'local_tax')");
  create_received(*world.writer);
  copy_configuration(world.dir.path());
  world.day("2008-03-20");
  world.open_file();
  world.run_plan();
  world.writer->execute(firms);
  for (const desk::Rule& rule : world.judge->rules()) world.judge->judge_changes(rule);
  CHECK(world.open_findings("no_tax_registration") ==
        Texts{"R1 local_tax warning", "R1 national_tax warning", "R5 national_tax notice"});
  CHECK(world.open_findings("without_code") == Texts{"R1 quality notice"});
  CHECK(world.open_findings("tax_left") == Texts{"R3 national_tax warning"});
  CHECK(world.open_findings("commerce_left.local_tax") == Texts{"R1 commerce notice"});
  CHECK(world.open_findings("commerce_left.national_tax").empty());
  CHECK(world.open_findings("differences") == Texts{"R3 national_tax warning", "R4 quality warning"});
  const desk::Grid slipped = world.report("slipped");
  CHECK(slipped.rows.back() == Texts{"合计", "", "5", "3", "60.0", "5", "100.0", "2", "40.0"});
  CHECK(world.report("registration.national_tax", {"2008-01-01", "2008-01-31"}).rows ==
        Rows{{"4", "1", "0", "1", "2", "50.0", "1"}});
  CHECK(world.report("consistency").rows.size() == 2 + 4 + 4);
  CHECK(world.report("findings").rows.back() == Texts{"合计", "", "8", "8", "5", "4"});
  CHECK(world.judge->changes().missing().empty());
}
