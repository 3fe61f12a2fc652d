// Seven departments that answer: an application for a car licence is checked by all of them at once (S4.3). Each keeps
// its own register of persons; what it should tell of whom is known by construction.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "packaging/demo/applicants.h"
#include "packaging/demo/process.h"
#include "packaging/demo/site.h"

namespace qianzhi::demo {

class Bureaus {
 public:
  explicit Bureaus(const Site& site) : site_(site) {}

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
  std::vector<std::unique_ptr<Process>> agents_;
};

}  // namespace qianzhi::demo
