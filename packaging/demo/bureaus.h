// Seven departments that answer: an application for a car licence is checked by all of them at once (S4.3). Each keeps
// its own register of persons; what it should tell of whom is known by construction.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "packaging/demo/process.h"
#include "packaging/demo/site.h"
#include "packaging/demo/waiter.h"

namespace qianzhi::demo {

// What came back of a list of applicants.
struct Checked {
  std::size_t applicants = 0;
  std::size_t answers = 0;   // one of each department to each applicant
  std::size_t right = 0;     // of those
  std::size_t rejected = 0;  // applicants of whom a department says that they do not qualify
  std::string first_wrong;   // empty: none
  Micros took = 0;

  bool is_good() const { return answers == right && answers == applicants * bureau_count; }
};

class Bureaus {
 public:
  Bureaus(const Site& site, Waiter& waiter) : site_(site), waiter_(waiter) {}

  // Their registers, configurations and agents.
  void start(const std::string& hub_url);
  // Asks all of them about so many applicants, from this member's command line.
  Checked ask(const Member& asker, std::size_t applicants) const;
  // One application and its collected answer, as people see it.
  std::string one_application(const Member& asker) const;
  std::vector<Usage> stop();

 private:
  std::vector<std::string> command(const Member& asker, std::vector<std::string> words) const;

  const Site& site_;
  Waiter& waiter_;
  std::vector<std::unique_ptr<Process>> agents_;
};

}  // namespace qianzhi::demo
