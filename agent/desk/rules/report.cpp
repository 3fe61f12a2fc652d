#include "agent/desk/rules/report.h"

#include <map>

#include "agent/desk/data/share.h"
#include "agent/desk/rules/report_sql.h"
#include "agent/desk/rules/rule_sql.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

using Row = std::vector<std::string>;

class Runner {
 public:
  Runner(DeskStore& store, const Report& report, const Period& period, bool english)
      : store_(store), report_(report), period_(period), english_(english) {
    grid_.id = report.id;
    grid_.title = english_ ? report.title_en : report.title;
    for (const GroupBy& group : report.by) add_column(group.item, english_ ? group.title_en : group.title, false);
  }

  Grid counts() {
    for (const Measure& measure : report_.measures)
      add_column(measure.id, english_ ? measure.title_en : measure.title, true);
    for (const bool is_total : {false, true}) {
      if (!is_total && report_.by.empty()) continue;
      const SqlText sql = count_sql(store_, report_, period_, is_total);
      for (sqlite::Statement found = sql.on(store_.database()); found.step();) {
        Row row = groups_of(found, is_total);
        add_measures(found, is_total ? 0 : static_cast<int>(report_.by.size()), row);
        grid_.rows.push_back(std::move(row));
      }
    }
    return std::move(grid_);
  }

  Grid consistency(const Rule& rule) {
    add_column("party", english_ ? "department" : "部门", false);
    add_column("item", english_ ? "item" : "数据项", false);
    add_column("matched", english_ ? "matched" : "匹配", true);
    add_column("consistent", english_ ? "consistent" : "一致", true);
    add_column("share", english_ ? "share %" : "一致率 %", true);
    for (const Party& party : rule.parties)
      for (const bool is_total : {false, true}) {
        if (!is_total && report_.by.empty()) continue;
        const SqlText sql = consistency_sql(store_, rule, party, report_, period_, is_total);
        for (sqlite::Statement found = sql.on(store_.database()); found.step();)
          add_consistency(party, found, is_total);
      }
    return std::move(grid_);
  }

 private:
  void add_column(const std::string& id, const std::string& title, bool is_number) {
    grid_.columns.push_back({id, title, is_number});
  }

  Row groups_of(const sqlite::Statement& found, bool is_total) const {
    Row row;
    for (std::size_t i = 0; i < report_.by.size(); ++i)
      row.push_back(is_total ? (i == 0 ? (english_ ? "total" : "合计") : "") : found.text(static_cast<int>(i)));
    return row;
  }

  void add_measures(const sqlite::Statement& found, int column, Row& row) const {
    std::map<std::string, std::int64_t> numbers;
    for (const Measure& measure : report_.measures) {
      if (measure.kind == Measure::Kind::share) {
        row.push_back(percent_of(numbers[measure.part], numbers[measure.whole], measure.decimals));
        continue;
      }
      numbers[measure.id] = found.integer(column++);
      row.push_back(decimal_text(numbers[measure.id], measure.kind == Measure::Kind::sum ? measure.decimals : 0));
    }
  }

  void add_consistency(const Party& party, const sqlite::Statement& found, bool is_total) {
    const Row groups = groups_of(found, is_total);
    int column = is_total ? 0 : static_cast<int>(report_.by.size());
    const std::int64_t matched = found.integer(column++);
    for (std::size_t i = 0; i <= party.items.size(); ++i) {
      const std::int64_t consistent = found.integer(column++);
      Row row = groups;
      row.push_back(party.id);
      row.push_back(i == 0 ? "record" : party.items[i - 1].item);
      row.push_back(std::to_string(matched));
      row.push_back(std::to_string(consistent));
      row.push_back(percent_of(consistent, matched, report_.decimals));
      grid_.rows.push_back(std::move(row));
    }
  }

  DeskStore& store_;
  const Report& report_;
  const Period& period_;
  bool english_;
  Grid grid_;
};

const Rule& rule_of(const Judge& judge, const Report& report) {
  const Rule& rule = judge.rule(report.rule);
  if (rule.kind != RuleKind::difference)
    throw Error(ErrorKind::misuse, "QZ-DSK-003", report.id + ": " + report.rule + " is of another kind");
  return rule;
}

}  // namespace

Grid run_report(DeskStore& store, const Judge& judge, const Report& report, const Period& period,
                std::optional<bool> english) {
  const std::string& since = report.is_consistency ? rule_of(judge, report).base.since : report.base.since;
  if (since.empty() && !(period.from.empty() && period.to.empty()))
    throw Error(ErrorKind::misuse, "QZ-DSK-006", report.id + " counts no dates");
  // All of its lines tell of one state of the tables.
  sqlite::Transaction transaction(store.database(), false);
  Runner runner(store, report, period, english.value_or(store.config().is_english()));
  return report.is_consistency ? runner.consistency(rule_of(judge, report)) : runner.counts();
}

void check_report(DeskStore& store, const Judge& judge, const Report& report) {
  if (!report.is_consistency) {
    count_sql(store, report, {}, false).on(store.database());
    for (const Measure& measure : report.measures)
      for (const Found& found : measure.found) judge.rule(found.rule);
    return;
  }
  const Rule& rule = rule_of(judge, report);
  for (const Party& party : rule.parties) consistency_sql(store, rule, party, report, {}, false).on(store.database());
}

}  // namespace qianzhi::desk
