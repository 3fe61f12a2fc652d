// Judges rules and keeps the table finding as they say: opened, changed, closed. A rule is one transaction, which sees
// one state of all files; what it holds in memory does not grow with the rows.
#pragma once

#include <string>
#include <vector>

#include "agent/desk/data/change_log.h"
#include "agent/desk/data/desk_store.h"
#include "agent/desk/rules/functions.h"
#include "agent/desk/rules/rule.h"

namespace qianzhi::desk {

struct Judgement {
  std::string rule;
  bool full = false;         // all subjects; else those that were touched
  std::int64_t touched = 0;  // subjects, if not full
  std::int64_t opened = 0;
  std::int64_t changed = 0;
  std::int64_t closed = 0;
};

class Judge {
 public:
  // Makes the triggers of desk.db. Throws Error(misuse, QZ-DSK-001 or 002) for a rule that does not fit the tables.
  Judge(DeskStore& store, std::vector<Rule> rules, const Normalisers& normalisers);

  const std::vector<Rule>& rules() const { return rules_; }
  const ChangeLog& changes() const { return changes_; }
  // Throws Error(misuse, QZ-DSK-003).
  const Rule& rule(const std::string& id) const;

  // Everything, whatever was judged before. Throws what the database throws; then nothing of it is kept.
  Judgement judge_all(const Rule& rule);
  // What changes since the last time and the days that have passed touch; everything where that cannot be told: the
  // first time, after the rule or the days off were changed, a clock went back, a log is gone or its triggers are.
  Judgement judge_changes(const Rule& rule);
  // A rule that is gone from the configuration leaves no open findings. Returns how many were closed.
  std::int64_t close_forgotten();

 private:
  struct State;
  State state_now(const Rule& rule);
  State state_before(const Rule& rule);
  void keep(const Rule& rule, const State& state);
  bool must_be_full(const Rule& rule, const State& before, const State& now) const;
  void touch(const Rule& rule, const State& before, const State& now);
  Judgement judge(const Rule& rule, bool full);
  void apply(const Rule& rule, Judgement& judgement);

  DeskStore& store_;
  std::vector<Rule> rules_;
  ChangeLog changes_;
};

}  // namespace qianzhi::desk
