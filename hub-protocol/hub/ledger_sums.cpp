#include "hub-protocol/hub/ledger_sums.h"

#include <map>
#include <tuple>

#include "hub-protocol/base/cells.h"

namespace qianzhi::hub {

namespace {

bool fits(const std::string& wanted, const std::string& department, const std::string& agent) {
  return wanted.empty() || wanted == department || wanted == agent;
}

const std::string& shown(const std::string& department, const std::string& agent) {
  return department.empty() ? agent : department;
}

struct Summing {
  const LedgerQuery& query;
  std::map<std::tuple<bool, std::string, std::string, std::string, std::string>, LedgerSum> sums;

  LedgerSum& sum_of(bool is_applied, Day day, const std::string& topic, const std::string& sender,
                    const std::string& receiver) {
    const auto told = [&](std::string_view what) { return query.by.count(what) != 0; };
    const std::string period = told("day") ? date_text(day) : told("month") ? month_text(day) : std::string();
    const std::string of_topic = told("topic") ? topic : "";
    const std::string from = told("sender") ? sender : "";
    const std::string to = told("receiver") ? receiver : "";
    LedgerSum& sum = sums[{is_applied, period, of_topic, from, to}];
    sum.is_applied = is_applied;
    sum.period = period;
    sum.topic = of_topic;
    sum.sender = from;
    sum.receiver = to;
    return sum;
  }
  void add(const AcceptedLine& line) {
    if (!query.receiver.empty() || !fits(query.topic, line.stream.topic, "")) return;
    if (!fits(query.sender, line.department, line.stream.agent)) return;
    LedgerSum& sum = sum_of(false, line.day, line.stream.topic, shown(line.department, line.stream.agent), "");
    sum.batches += line.batches;
    sum.withheld += line.rows.withheld;
    (line.is_refill ? sum.refill : sum.upserts) += line.rows.upserts;
    (line.is_refill ? sum.refill : sum.removes) += line.rows.removes;
  }
  void add(const AppliedLine& line) {
    if (!fits(query.topic, line.stream.topic, "") || !fits(query.receiver, line.department, line.subscriber)) return;
    if (!fits(query.sender, line.sender_department, line.stream.agent)) return;
    LedgerSum& sum = sum_of(true, line.day, line.stream.topic, shown(line.sender_department, line.stream.agent),
                            shown(line.department, line.subscriber));
    sum.upserts += line.upserted;
    sum.removes += line.removed;
  }
};

std::vector<LedgerSum> with_totals(std::vector<LedgerSum> sums) {
  for (const bool is_applied : {false, true}) {
    LedgerSum total;
    total.is_applied = is_applied;
    total.period = "合计 total";
    for (const LedgerSum& sum : sums) {
      if (sum.is_applied != is_applied || sum.period == total.period) continue;
      total.upserts += sum.upserts;
      total.removes += sum.removes;
      total.refill += sum.refill;
      total.withheld += sum.withheld;
      total.batches += sum.batches;
    }
    sums.push_back(std::move(total));
  }
  return sums;
}

const char* kind_of(const LedgerSum& sum) { return sum.is_applied ? "已应用 applied" : "已接收 accepted"; }

std::vector<std::string> numbers_of(const LedgerSum& sum) {
  std::vector<std::string> cells;
  for (const std::uint64_t number : {sum.records(), sum.upserts, sum.removes, sum.refill, sum.withheld, sum.batches})
    cells.push_back(std::to_string(number));
  return cells;
}

}  // namespace

std::vector<LedgerSum> sum_up(const Ledger& ledger, const LedgerQuery& query) {
  Summing summing{query, {}};
  for (const AcceptedLine& line : ledger.accepted) summing.add(line);
  for (const AppliedLine& line : ledger.applied) summing.add(line);
  std::vector<LedgerSum> sums;
  for (auto& [key, sum] : summing.sums) sums.push_back(std::move(sum));
  return sums;
}

std::string to_csv(const std::vector<LedgerSum>& sums) {
  std::string text(csv_mark);
  text += csv_line({"类别 kind", "期间 period", "主题 topic", "提供部门 sender", "接收部门 receiver", "记录 records",
                    "新增更新 upserts", "删除 removes", "全量补发 refill", "搁置 withheld", "批次 batches"});
  for (const LedgerSum& sum : with_totals(sums)) {
    std::vector<std::string> cells{kind_of(sum), sum.period, sum.topic, sum.sender, sum.receiver};
    for (std::string& number : numbers_of(sum)) cells.push_back(std::move(number));
    text += csv_line(cells);
  }
  return text;
}

std::string to_json(const std::vector<LedgerSum>& sums) {
  std::string text = "[";
  for (const LedgerSum& sum : sums) {
    text += (&sum == &sums.front() ? "" : ",\n") + std::string("{\"kind\":") +
            (sum.is_applied ? "\"applied\"" : "\"accepted\"") + ",\"period\":" + json_text(sum.period) +
            ",\"topic\":" + json_text(sum.topic) + ",\"sender\":" + json_text(sum.sender) +
            ",\"receiver\":" + json_text(sum.receiver);
    static constexpr const char* names[] = {"records", "upserts", "removes", "refill", "withheld", "batches"};
    const std::vector<std::string> numbers = numbers_of(sum);
    for (std::size_t i = 0; i < numbers.size(); ++i) text += ",\"" + std::string(names[i]) + "\":" + numbers[i];
    text += "}";
  }
  return text + "]\n";
}

std::string to_table(const std::vector<LedgerSum>& sums) {
  std::string text;
  for (const LedgerSum& sum : with_totals(sums)) {
    text += kind_of(sum);
    for (const std::string* part : {&sum.period, &sum.topic, &sum.sender}) text += part->empty() ? "" : "  " + *part;
    if (!sum.receiver.empty()) text += " -> " + sum.receiver;
    const std::vector<std::string> numbers = numbers_of(sum);
    text += "  记录 records " + numbers[0] + "  (+" + numbers[1] + " -" + numbers[2] + ")";
    if (sum.refill != 0) text += "  补发 refill " + numbers[3];
    if (sum.withheld != 0) text += "  搁置 withheld " + numbers[4];
    text += "\n";
  }
  return text;
}

}  // namespace qianzhi::hub
