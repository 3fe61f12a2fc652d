#include "packaging/demo/bureaus.h"

#include <fstream>

#include "hub-protocol/base/cells.h"
#include "hub-protocol/base/error.h"
#include "packaging/demo/database.h"

namespace qianzhi::demo {

namespace {

constexpr std::size_t register_size = 500;
std::string register_sql(std::size_t bureau) {
  std::string sql =
      "PRAGMA journal_mode=WAL;\nCREATE TABLE person(id_no TEXT NOT NULL, name TEXT NOT NULL, ok BOOLEAN, reason "
      "TEXT, no TEXT, PRIMARY KEY(id_no, name)) WITHOUT ROWID;\nBEGIN;\n";
  for (std::size_t person = 0; person < register_size; ++person) {
    if (!is_known(bureau, person)) continue;
    const bool ok = qualifies(bureau, person);
    sql += "INSERT INTO person VALUES('" + citizen_number(person) + "', '" + name_of(person) + "', " +
           (ok ? "1, NULL" : "0, '不符合条件'") + ", '" + record_number(bureau, person) + "');\n";
  }
  return sql + "COMMIT;\n";
}

}  // namespace

void Bureaus::start(const std::string& hub_url) {
  for (std::size_t i = 0; i < site_.bureaus().size(); ++i) {
    const Member& bureau = site_.bureaus()[i];
    run_script(bureau.business, register_sql(i), site_.log("dba.log"));
    site_.write_bureau_config(bureau, hub_url);
    const std::filesystem::path port_file = bureau.directory / "status.port";
    agents_.push_back(std::make_unique<Process>(
        bureau.agent,
        Launch{{site_.program("qianzhi"), "run", "-c", bureau.config().string(), "--port-file", port_file.string()},
               bureau.directory,
               site_.log(bureau.agent + ".log")}));
  }
}

std::vector<std::string> Bureaus::command(const Member& asker, std::vector<std::string> words) const {
  std::vector<std::string> command = {site_.program("qianzhi"), "ask", licence_service, "-c", asker.config().string()};
  command.insert(command.end(), words.begin(), words.end());
  command.insert(command.end(), {"--purpose", licence_purpose, "--basis", licence_basis, "--within", "60s"});
  return command;
}

std::string Bureaus::one_application(const Member& asker) const {
  return output_of({command(asker, {"citizen_number=" + citizen_number(4), "person_name=" + name_of(4)}),
                    asker.directory, site_.log("ask.log")});
}

Checked Bureaus::ask(const Member& asker, std::size_t applicants) const {
  const std::filesystem::path list = asker.directory / "applicants.csv";
  const std::filesystem::path told = asker.directory / "answers.csv";
  {
    std::ofstream file(list, std::ios::binary);
    file << csv_record({"citizen_number", "person_name"});
    for (std::size_t person = 0; person < applicants; ++person)
      file << csv_record({citizen_number(person), name_of(person)});
  }
  const SystemClock clock;
  Checked checked;
  const Micros began = clock.steady();
  output_of({command(asker, {"--csv", list.string(), "--out", told.string()}), asker.directory, site_.log("ask.log")});
  checked.took = clock.steady() - began;
  checked.applicants = applicants;
  std::ifstream file(told, std::ios::binary);
  CsvReader reader(file);
  std::vector<std::string> cells;
  reader.next(cells);
  for (std::size_t person = 0; person < applicants; ++person) {
    bool is_rejected = false;
    // Providers stand in the order of their ids.
    for (std::size_t place = 0; place < site_.bureaus().size() && reader.next(cells); ++place) {
      ++checked.answers;
      std::size_t bureau = 0;
      while (bureau < site_.bureaus().size() && site_.bureaus()[bureau].agent != cells.at(2)) ++bureau;
      const std::string got = cells.at(4) + "," + cells.at(5) + "," + cells.at(7);
      is_rejected = is_rejected || cells.at(5) == "false";
      if (cells.at(0) == citizen_number(person) && got == expected_answer(bureau, person))
        ++checked.right;
      else if (checked.first_wrong.empty())
        checked.first_wrong = csv_record(cells);
    }
    checked.rejected += is_rejected ? 1 : 0;
  }
  return checked;
}

std::vector<Usage> Bureaus::stop() {
  std::vector<Usage> usages;
  for (const auto& agent : agents_) agent->signal(SIGTERM);
  for (const auto& agent : agents_) usages.push_back(agent->stop());
  agents_.clear();
  return usages;
}

}  // namespace qianzhi::demo
