#include "packaging/demo/desk_show.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include "hub-protocol/base/calendar.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/service/control.h"
#include "hub-protocol/service/process.h"
#include "packaging/demo/database.h"
#include "packaging/demo/fill.h"
#include "packaging/demo/firm.h"

namespace qianzhi::demo {

namespace {

constexpr std::uint64_t first_of_cases = 8'100'000;  // far from every other number of the city
constexpr char rule[] = "no_tax_registration";
constexpr char last_day[] = "2004-11-30";

std::string days_ago(int days) { return date_text(beijing_day(SystemClock().now()) - days); }

std::string firm_of_case(std::uint64_t seed, std::uint64_t number) {
  return make_firm(seed, first_of_cases + number).registration_number;
}

}  // namespace

void DeskShow::install() const {
  const std::filesystem::path config = directory() / "desk.yaml";
  service::write_whole(config, fill(text_of(site_.shipped("packaging/demo/config/desk.yaml")),
                                    {{"ROOT", site_.shipped("").string()}, {"USER", service::own_user()}}));
  run_script(store(),
             "CREATE TABLE tax_exemption(registration_number TEXT, party TEXT, PRIMARY KEY(registration_number, "
             "party));\n",
             site_.log("dba.log"));
  run_script(
      site_.members().back().received,
      output_of({{site_.program("qianzhi-desk"), "plan", "-c", config.string()}, directory(), site_.log("desk.log")}),
      site_.log("dba.log"));
}

void DeskShow::start() {
  desk_ = std::make_unique<Process>(
      "qianzhi-desk", Launch{{site_.program("qianzhi-desk"), "run", "-c", (directory() / "desk.yaml").string()},
                             directory(),
                             site_.log("desk.log")});
}

std::string DeskShow::say(std::vector<std::string> words) const {
  words.insert(words.begin(), site_.program("qianzhi-desk"));
  words.insert(words.end(), {"-c", (directory() / "desk.yaml").string()});
  return output_of({std::move(words), directory(), site_.log("desk.log")});
}

std::string DeskShow::state_of(const std::string& subject, const std::string& party) const {
  const auto found = open(store())->rows("SELECT state FROM case_file WHERE rule = '" + std::string(rule) +
                                         "' AND subject = '" + subject + "' AND party = '" + party + "'");
  return found.empty() ? std::string("none") : found[0][0].value_or("");
}

void DeskShow::await(const std::string& subject, const std::string& state) {
  waiter_.until("case of " + subject + ": " + state, 60, [&] {
    if (!desk_->is_running()) throw Error(ErrorKind::misuse, "QZ-DEM-001", desk_->last_words());
    return state_of(subject, "national_tax") == state && state_of(subject, "local_tax") == state;
  });
}

// As commerce does.
void DeskShow::open_firm(std::uint64_t seed, std::uint64_t number, int days) const {
  const Firm firm = make_firm(seed, first_of_cases + number);
  open(site_.members()[0].business)
      ->run({{"INSERT INTO enterprise (reg_no, ent_name, legal_rep, ent_type, est_date, reg_org, district, status) "
              "VALUES "
              "($1, $2, $3, $4, $5, $6, $7, '1')",
              {firm.registration_number, firm.name, firm.legal_representative, firm.enterprise_type, days_ago(days),
               std::string(district(firm.district).authority), std::string(district(firm.district).name)}}});
}

// At both bureaus, each in its own way of writing.
void DeskShow::register_for_tax(std::uint64_t seed, std::uint64_t number) const {
  const Firm firm = make_firm(seed, first_of_cases + number);
  for (const char* topic : {"national_tax.tax_registration", "local_tax.tax_registration"}) {
    const Table& table = table_of(topic);
    const auto rows = open(site_.members()[table.department == Provider::national_tax ? 2 : 3].business);
    // Another firm's registration with this one's numbers.
    std::string columns;
    std::string values;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const std::string name(table.columns[i].name);
      columns += (i == 0 ? "" : ", ") + name;
      const bool is_code = i == 0;
      const std::string value = is_code  ? "NULL"
                                : i == 1 ? "'" + firm.registration_number + "'"
                                : i == 2 ? "'" + firm.plain_taxpayer_id + "'"
                                : i == 3 ? "'" + firm.name + "'"
                                         : name;
      values += (i == 0 ? "" : ", ") + value;
    }
    rows->run({{"INSERT INTO " + std::string(table.name) + "(" + columns + ") SELECT " + values + " FROM " +
                    std::string(table.name) + " LIMIT 1",
                {}}});
  }
}

std::vector<std::string> DeskShow::work_on_cases(std::uint64_t seed) {
  std::vector<std::string> told;
  const std::string young = firm_of_case(seed, 1);
  const std::string old = firm_of_case(seed, 2);
  open_firm(seed, 0, 10);
  open_firm(seed, 1, 25);
  open_firm(seed, 2, 45);
  await(young, "assigned");
  told.push_back("第 25 天 day 25: " + young + " 已提醒并分派 noticed and assigned");
  await(old, "warned");
  told.push_back("第 45 天 day 45: " + old + " 已预警 warned");
  if (state_of(firm_of_case(seed, 0), "national_tax") != "none")
    throw Error(ErrorKind::misuse, "QZ-DEM-002", "a firm of ten days has a case");
  const auto cases = open(store())->rows("SELECT id FROM case_file WHERE rule = '" + std::string(rule) +
                                         "' AND subject = '" + old + "'");
  for (const Row& one : cases) say({"case", "urge", one[0].value_or("")});
  await(old, "urged");
  told.push_back("催办 urged: " + old);
  register_for_tax(seed, 2);
  await(old, "closed");
  told.push_back("两局登记后自动结案 closed by itself when it registered at both bureaus: " + old);
  return told;
}

DeskShow::Figures DeskShow::figures() const {
  Figures figures;
  figures.names = {"firms", "no_national_tax", "no_local_tax", "no_code"};
  const auto report = Poco::JSON::Parser().parse(say({"report", "slipped", "--to", last_day, "--json"}));
  const auto lines = report.extract<Poco::JSON::Object::Ptr>()->getArray("rows");
  const auto total = lines->getObject(static_cast<unsigned>(lines->size() - 1));
  const std::string firms = "SELECT count(*) FROM commerce_opening_registration f WHERE f.establishment_date <= '" +
                            std::string(last_day) + "'";
  const auto without = [&](const std::string& bureau) {
    return firms + " AND NOT EXISTS (SELECT 1 FROM " + bureau +
           "_tax_registration t WHERE t.registration_number = f.registration_number) AND NOT EXISTS (SELECT 1 FROM "
           "quality_code_certificate_issue q JOIN " +
           bureau +
           "_tax_registration t ON t.organisation_code = q.organisation_code WHERE q.registration_number = "
           "f.registration_number)";
  };
  const auto received = open(site_.members().back().received);
  for (const std::string& sql :
       {firms, without("national_tax"), without("local_tax"),
        firms + " AND NOT EXISTS (SELECT 1 FROM quality_code_certificate_issue q WHERE q.registration_number = "
                "f.registration_number)"})
    figures.counted.push_back(received->rows(sql)[0][0].value_or(""));
  for (const std::string& name : figures.names) figures.reported.push_back(total->getValue<std::string>(name));
  return figures;
}

std::vector<Usage> DeskShow::stop() {
  std::vector<Usage> usages;
  if (desk_) usages.push_back(desk_->stop());
  desk_.reset();
  return usages;
}

}  // namespace qianzhi::demo
