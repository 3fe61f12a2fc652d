#include "agent/desk/rules/rounds.h"

#include <charconv>

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::desk {

namespace {

constexpr Micros micros_a_minute = 60'000'000;

std::string daily_mark(const Rule& rule) { return "rule/" + rule.id + "/daily"; }
std::string every_mark(const Rule& rule) { return "rule/" + rule.id + "/every"; }

Micros time_of(const std::string& text) {
  Micros time = 0;
  std::from_chars(text.data(), text.data() + text.size(), time);
  return time;
}

}  // namespace

bool Rounds::is_due_daily(const Rule& rule) {
  if (rule.schedule.daily < 0) return false;
  const Day today = store_.today();
  const Micros minute = (store_.now() - begin_of(today)) / micros_a_minute;
  return minute >= rule.schedule.daily && store_.mark(daily_mark(rule)) != date_text(today);
}

bool Rounds::is_due_again(const Rule& rule) {
  if (rule.schedule.every == 0) return false;
  const auto before = store_.mark(every_mark(rule));
  if (!before) return true;
  const Micros passed = store_.now() - time_of(*before);
  return passed < 0 || passed >= rule.schedule.every;
}

void Rounds::judge(const Rule& rule, std::vector<Judgement>& judgements, bool is_news) {
  const bool daily = is_due_daily(rule);
  const bool again = is_due_again(rule);
  if (!daily && !again && !(is_news && rule.schedule.on_change) && failed_.count(rule.id) == 0) return;
  failed_.insert(rule.id);
  judgements.push_back(daily ? judge_.judge_all(rule) : judge_.judge_changes(rule));
  if (daily) store_.put_mark(daily_mark(rule), date_text(store_.today()));
  if (again) store_.put_mark(every_mark(rule), std::to_string(store_.now()));
  failed_.erase(rule.id);
}

std::vector<Judgement> Rounds::turn() {
  std::vector<Judgement> judgements;
  const bool has_news = store_.has_news();
  const std::int64_t own = judge_.changes().last("main");
  const bool is_news = has_news || own != own_changes_ || store_.today() != day_;
  own_changes_ = own;
  day_ = store_.today();
  for (const Rule& rule : judge_.rules()) {
    try {
      judge(rule, judgements, is_news);
      failing_.erase(rule.id);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::corrupt) throw;
      log("desk " + rule.id, error);
      failing_.insert_or_assign(rule.id, error);
    }
  }
  return judgements;
}

}  // namespace qianzhi::desk
