// The ledger and the monthly report.
#include "hub-protocol/base/calendar.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/ledger_sums.h"
#include "hub-protocol/hub/month_report.h"
#include "hub-protocol/hub/verbs.h"

namespace qianzhi::hub {

namespace {

constexpr Days all_days{-1'000'000, 1'000'000};

Day day_of_word(const std::string& text) {
  const auto day = day_from(text);
  if (!day) throw Error(ErrorKind::misuse, "QZ-HUB-242", text);
  return *day;
}

std::set<std::string, std::less<>> told_apart(Words& words) {
  static const std::set<std::string, std::less<>> known{"day", "month", "topic", "sender", "receiver"};
  const std::vector<std::string> named = words.list("by");
  if (named.empty()) return LedgerQuery{}.by;
  for (const std::string& name : named)
    if (known.count(name) == 0) throw Error(ErrorKind::misuse, "QZ-HUB-051", "--by " + name);
  return {named.begin(), named.end()};
}

std::string show_ledger(Office& office, Ask& ask) {
  Words& words = ask.words;
  const bool as_csv = words.flag("csv");
  LedgerQuery query;
  const auto from = words.option("from");
  const auto to = words.option("to");
  query.days = {from ? day_of_word(*from) : all_days.first, to ? day_of_word(*to) + 1 : all_days.end};
  query.topic = words.option("topic", "");
  query.sender = words.option("sender", "");
  query.receiver = words.option("receiver", "");
  query.by = told_apart(words);
  words.finish();
  office.registry.note(
      {ask.actor,
       "ledger.read",
       query.topic,
       "",
       "",
       "",
       {{"from", from.value_or("")}, {"to", to.value_or("")}, {"sender", query.sender}, {"receiver", query.receiver}}});
  const std::vector<LedgerSum> sums = sum_up(office.exchange.ledger(query.days), query);
  return as_csv ? to_csv(sums) : ask.json ? to_json(sums) : to_table(sums);
}

std::string show_report(Office& office, Ask& ask) {
  const std::string month = ask.words.next("MONTH");
  const bool as_csv = ask.words.flag("csv");
  ask.words.finish();
  const auto days = month_from(month);
  if (!days) throw Error(ErrorKind::misuse, "QZ-HUB-242", month);
  const Days before = *month_from(month_text(days->first - 1));
  office.registry.note({ask.actor, "report.read", month, ""});
  const MonthReport report = report_month(office, month, *days, before);
  return as_csv ? to_csv(report) : ask.json ? to_json(report) : to_table(report);
}

const Verb table_of_ledger[] = {
    {"ledger",
     "[--from DATE] [--to DATE] [--topic TOPIC] [--sender DEPARTMENT] [--receiver DEPARTMENT] "
     "[--by day|month,topic,sender,receiver] [--csv|--json]",
     "交换账目：各主题、提供方、接收方的记录数",
     "the ledger: records per topic, sender and receiver",
     Role::audit,
     show_ledger,
     {"csv"}},
    {"report",
     "MONTH [--csv|--json]",
     "数据交换月报（如 2026-11）",
     "the monthly exchange report (2026-11)",
     Role::audit,
     show_report,
     {"csv"}},
};

}  // namespace

std::span<const Verb> ledger_verbs() { return table_of_ledger; }

}  // namespace qianzhi::hub
