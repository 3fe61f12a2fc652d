// Judges each rule when it is due: as changes come, every so often, once a day.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/desk/rules/judge.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

class Rounds {
 public:
  Rounds(DeskStore& store, Judge& judge) : store_(store), judge_(judge) {}

  // One look at files and clock; what was judged. A rule that fails is logged and tried again the next time, without
  // stopping the others; only a damaged database (Error of kind corrupt) ends it. Cheap when nothing is due.
  std::vector<Judgement> turn();
  // Rules that failed when they were due last, and why.
  const std::map<std::string, Error>& failing() const { return failing_; }

 private:
  bool is_due_daily(const Rule& rule);
  bool is_due_again(const Rule& rule);
  void judge(const Rule& rule, std::vector<Judgement>& judgements, bool is_news);

  DeskStore& store_;
  Judge& judge_;
  std::set<std::string> failed_;
  std::map<std::string, Error> failing_;
  Day day_ = -1;
  std::int64_t own_changes_ = -1;
};

}  // namespace qianzhi::desk
