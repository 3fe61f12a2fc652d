// The office that gives out car licences. Its own system calls nothing: it inserts its applications into a table of its
// database, and the seven departments' answers come back as rows of another table there (S4.3, S2.8).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "packaging/demo/applicants.h"
#include "packaging/demo/process.h"
#include "packaging/demo/site.h"
#include "packaging/demo/waiter.h"

namespace qianzhi::demo {

struct Applied {
  Checked checked;
  std::size_t over = 0;     // applicants of whom nothing more will be told
  std::size_t refused = 0;  // rows that cannot be asked, with their code

  bool is_good() const { return checked.is_good() && over == checked.applicants && refused == 1; }
};

class Office {
 public:
  Office(const Site& site, Waiter& waiter) : site_(site), waiter_(waiter) {}

  // Its table of requests, its agent's configuration, what `qianzhi plan` prints for the table of answers, its agent.
  void start(const std::string& hub_url);
  // Inserts so many applications, and one without a citizen number, and waits for the answers; once only.
  Applied apply(std::size_t applicants) const;
  // What a person types to apply and to see the answers.
  std::string commands_to_try() const;
  std::vector<Usage> stop();

 private:
  Checked compare(Database& database, std::size_t applicants) const;

  const Site& site_;
  Waiter& waiter_;
  std::unique_ptr<Process> agent_;
};

}  // namespace qianzhi::demo
