// The desk of the statistics department, which is the data centre here: firms without tax registration are noticed,
// assigned, warned, urged, and closed when they register; its report is held against what plain SQL counts in what was
// received.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "packaging/demo/process.h"
#include "packaging/demo/site.h"
#include "packaging/demo/waiter.h"

namespace qianzhi::demo {

class DeskShow {
 public:
  // members: as Site has them. Where statistics does not receive into SQLite there is no desk.
  DeskShow(const Site& site, Waiter& waiter) : site_(site), waiter_(waiter) {}

  bool is_there() const { return site_.members().back().received.dialect == Dialect::sqlite; }
  // Its configuration, and what its plan asks of the received file. After that was installed.
  void install() const;
  void start();
  // Two firms that opened 25 and 45 days ago, worked on as a caseworker would, until one of them registers. What
  // happened, a line each. Throws Error(misuse, QZ-DEM-002) with what was awaited.
  std::vector<std::string> work_on_cases(std::uint64_t seed);
  // The figures of the load's three months by the desk's report, and by SQL of our own.
  struct Figures {
    std::vector<std::string> names;
    std::vector<std::string> reported;
    std::vector<std::string> counted;
    bool is_good() const { return !reported.empty() && reported == counted; }
  };
  Figures figures() const;
  std::vector<Usage> stop();

 private:
  Place store() const { return {Dialect::sqlite, directory() / "desk.db", {}, {}, {}, {}}; }
  std::filesystem::path directory() const { return site_.members().back().directory; }
  std::string say(std::vector<std::string> words) const;
  std::string state_of(const std::string& subject, const std::string& party) const;
  void await(const std::string& subject, const std::string& state);
  void open_firm(std::uint64_t seed, std::uint64_t number, int days_ago) const;
  void register_for_tax(std::uint64_t seed, std::uint64_t number) const;

  const Site& site_;
  Waiter& waiter_;
  std::unique_ptr<Process> desk_;
};

}  // namespace qianzhi::demo
