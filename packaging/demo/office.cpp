#include "packaging/demo/office.h"

#include <algorithm>
#include <set>

#include "hub-protocol/base/cells.h"
#include "hub-protocol/base/error.h"
#include "packaging/demo/database.h"

namespace qianzhi::demo {

namespace {

constexpr std::size_t applicants_a_case = 10;
constexpr int office_patience = 60;  // seconds

constexpr char request_table[] =
    "CREATE TABLE check_request(id INTEGER NOT NULL PRIMARY KEY, id_no VARCHAR(18), name VARCHAR(60), case_number "
    "VARCHAR(40), clerk VARCHAR(40), status VARCHAR(20) NOT NULL);\n";

Statement application(std::size_t id, const std::optional<std::string>& number) {
  return {"INSERT INTO check_request(id, id_no, name, case_number, clerk, status) VALUES(" + std::to_string(id) +
              ", $1, $2, $3, $4, 'submitted')",
          {number, name_of(id), "粤A-2006-" + std::to_string(id / applicants_a_case), "王五"}};
}

// Databases write a truth in their own ways.
std::string truth(const std::optional<std::string>& value) {
  if (!value) return "";
  return *value == "1" || *value == "t" || *value == "true" ? "true" : "false";
}

std::size_t count_of(Database& database, const std::string& condition) {
  const std::string query = "SELECT count(*) FROM check_answer WHERE " + condition;
  return std::stoull(database.rows(query)[0][0].value());
}

}  // namespace

void Office::start(const std::string& hub_url) {
  const Member& office = site_.office();
  run_script(office.business, request_table, site_.log("dba.log"));
  site_.write_office_config(hub_url);
  site_.install_office();
  agent_ =
      std::make_unique<Process>(office.agent, Launch{{site_.program("qianzhi"), "run", "-c", office.config().string(),
                                                      "--port-file", (office.directory / "status.port").string()},
                                                     office.directory,
                                                     site_.log(office.agent + ".log")});
}

Applied Office::apply(std::size_t applicants) const {
  const SystemClock clock;
  const Micros began = clock.steady();
  const auto database = open(site_.office().business);
  std::vector<Statement> rows;
  for (std::size_t person = 0; person < applicants; ++person)
    rows.push_back(application(person, citizen_number(person)));
  rows.push_back(application(applicants, std::nullopt));
  database->run(rows);
  Applied applied;
  try {
    waiter_.until(
        "请求表的答复 answers in the table", office_patience,
        [&] {
          applied.over = count_of(*database, "qz_line = 0 AND qz_state = 'over'");
          applied.refused = count_of(*database, "qz_line = 0 AND qz_state = 'refused' AND qz_code = 'QZ-AGT-166'");
          return applied.over + applied.refused > applicants;
        },
        [&] { return count_of(*database, "qz_state <> 'open'"); });
  } catch (const Error& error) {
    // What is there is told.
    if (error.code() != "QZ-DEM-002") throw;
  }
  applied.checked = compare(*database, applicants);
  applied.checked.took = clock.steady() - began;
  return applied;
}

Checked Office::compare(Database& database, std::size_t applicants) const {
  Checked checked;
  checked.applicants = applicants;
  std::set<std::size_t> rejected;
  std::set<std::string> seen;
  const std::vector<Member>& bureaus = site_.bureaus();
  for (const Row& row :
       database.rows("SELECT r.id, r.id_no, a.qz_provider, a.qz_verdict, a.has_standing, a.record_number FROM "
                     "check_request r JOIN check_answer a ON a.qz_request = r.id WHERE a.qz_line > 0")) {
    ++checked.answers;
    const std::size_t person = std::stoull(row[0].value());
    const auto bureau = std::find_if(bureaus.begin(), bureaus.end(),
                                     [&](const Member& each) { return each.agent == row[2].value_or(""); });
    const std::string got = row[3].value_or("") + "," + truth(row[4]) + "," + row[5].value_or("");
    if (truth(row[4]) == "false") rejected.insert(person);
    const bool is_right = bureau != bureaus.end() && row[1] == citizen_number(person) &&
                          got == expected_answer(static_cast<std::size_t>(bureau - bureaus.begin()), person) &&
                          seen.insert(*row[0] + " " + *row[2]).second;
    if (is_right)
      ++checked.right;
    else if (checked.first_wrong.empty())
      checked.first_wrong = row[0].value() + " " + row[2].value_or("") + " " + got;
  }
  checked.rejected = rejected.size();
  return checked;
}

std::string Office::commands_to_try() const {
  const Place& place = site_.office().business;
  return command_of(place, "INSERT INTO check_request VALUES (1, '" + citizen_number(4) + "', '" + name_of(4) +
                               "', 'A-1', 'clerk', 'submitted')") +
         "\n  " +
         command_of(place, "SELECT qz_request, qz_provider, qz_state, qz_verdict, has_standing FROM check_answer");
}

std::vector<Usage> Office::stop() {
  if (!agent_) return {};
  agent_->signal(SIGTERM);
  const Usage usage = agent_->stop();
  agent_.reset();
  return {usage};
}

}  // namespace qianzhi::demo
