#include "hub-protocol/hub/month_report.h"

#include <algorithm>
#include <map>
#include <set>

#include "hub-protocol/audit/trail.h"
#include "hub-protocol/base/calendar.h"
#include "hub-protocol/base/cells.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::hub {

namespace {

struct Making {
  const Directory& directory;
  std::map<std::string, DepartmentMonth> departments;
  std::map<std::string, std::set<std::string>> topics;

  DepartmentMonth& of(const std::string& department, const std::string& agent) {
    const std::string& id = department.empty() ? agent : department;
    DepartmentMonth& entry = departments[id];
    entry.id = id;
    return entry;
  }
  void touch(DepartmentMonth& entry, const std::string& topic, Day day) {
    topics[entry.id].insert(topic);
    entry.last_day = std::max(entry.last_day, date_text(day));
  }
  void add(const AcceptedLine& line) {
    DepartmentMonth& entry = of(line.department, line.stream.agent);
    (line.is_refill ? entry.refill : entry.sent) += line.rows.upserts + line.rows.removes;
    entry.withheld += line.rows.withheld;
    touch(entry, line.stream.topic, line.day);
  }
  void add(const AppliedLine& line) {
    DepartmentMonth& entry = of(line.department, line.subscriber);
    entry.received += line.upserted + line.removed;
    touch(entry, line.stream.topic, line.day);
  }
  void add(const audit::Entry& entry) {
    if (entry.actor.kind != audit::ActorKind::agent) return;
    const AgentEntry* agent = directory.agent(entry.actor.name);
    if (agent == nullptr) return;
    std::uint64_t count = 1;
    for (const auto& [name, value] : entry.details)
      if (name == "count") count = yaml::parse_integer(value).value_or(1);
    if (!entry.outcome.empty()) of(agent->department, agent->id).refused += count;
    if (entry.action == "access.request" || entry.action == "objection.open")
      of(agent->department, agent->id).requests += count;
  }
};

void add_trail(Office& office, Days days, Making& making) {
  audit::Filter filter;
  filter.from = begin_of(days.first);
  filter.to = begin_of(days.end);
  for (bool more = true; more;) {
    audit::Page page;
    office.registry.work([&](sqlite::Database& database) { page = audit::read_page(database, filter); });
    for (const audit::Line& line : page.lines) making.add(line.stored.entry);
    filter.after = page.last;
    more = !page.is_end;
  }
}

std::vector<DepartmentMonth> departments_of(Office& office, Days days) {
  const auto directory = office.exchange.current_directory();
  Making making{*directory, {}, {}};
  for (const auto& [id, department] : directory->departments) making.of(id, id);
  const Ledger ledger = office.exchange.ledger(days);
  for (const AcceptedLine& line : ledger.accepted) making.add(line);
  for (const AppliedLine& line : ledger.applied) making.add(line);
  add_trail(office, days, making);
  std::vector<DepartmentMonth> all;
  for (auto& [id, entry] : making.departments) {
    entry.topics = making.topics[id].size();
    const auto known = directory->departments.find(id);
    entry.title = known == directory->departments.end() ? id : known->second.title;
    all.push_back(std::move(entry));
  }
  return all;
}

DepartmentMonth total_of(const std::vector<DepartmentMonth>& departments) {
  DepartmentMonth total;
  for (const DepartmentMonth& one : departments) {
    total.sent += one.sent;
    total.refill += one.refill;
    total.received += one.received;
    total.withheld += one.withheld;
    total.refused += one.refused;
    total.requests += one.requests;
    total.last_day = std::max(total.last_day, one.last_day);
  }
  return total;
}

std::vector<std::uint64_t> numbers_of(const DepartmentMonth& one) {
  return {one.sent, one.refill, one.received, one.withheld, one.refused, one.requests};
}

// "+12" or "-3", in hundredths where there was something before.
std::string change(std::uint64_t now, std::uint64_t before) {
  const auto difference = static_cast<std::int64_t>(now - before);
  std::string text = (difference >= 0 ? "+" : "") + std::to_string(difference);
  if (before != 0) text += " (" + std::to_string(difference * 100 / static_cast<std::int64_t>(before)) + " %)";
  return text;
}

}  // namespace

MonthReport report_month(Office& office, const std::string& month, Days days, Days before) {
  MonthReport report;
  report.month = month;
  report.departments = departments_of(office, days);
  report.total = total_of(report.departments);
  report.before = total_of(departments_of(office, before));
  return report;
}

std::string to_csv(const MonthReport& report) {
  std::string text(csv_mark);
  text += csv_line({"月份 month", "部门 department", "名称 title", "主题 topics", "提供 sent", "全量补发 refill",
                    "接收 received", "搁置 withheld", "被拒 refused", "申请 requests", "最后一日 last day"});
  const auto add = [&](const std::string& id, const std::string& title, const DepartmentMonth& one) {
    std::vector<std::string> cells{report.month, id, title, one.topics == 0 ? "" : std::to_string(one.topics)};
    for (const std::uint64_t number : numbers_of(one)) cells.push_back(std::to_string(number));
    cells.push_back(one.last_day);
    text += csv_line(cells);
  };
  for (const DepartmentMonth& one : report.departments) add(one.id, one.title, one);
  add("合计 total", "", report.total);
  add("上月合计 month before", "", report.before);
  return text;
}

std::string to_json(const MonthReport& report) {
  static constexpr const char* names[] = {"sent", "refill", "received", "withheld", "refused", "requests"};
  const auto object = [&](const DepartmentMonth& one) {
    std::string text = "{\"department\":" + json_text(one.id) + ",\"title\":" + json_text(one.title) +
                       ",\"topics\":" + std::to_string(one.topics);
    const std::vector<std::uint64_t> numbers = numbers_of(one);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      text += ",\"" + std::string(names[i]) + "\":" + std::to_string(numbers[i]);
    return text + ",\"last_day\":" + json_text(one.last_day) + "}";
  };
  std::string text = "{\"month\":" + json_text(report.month) + ",\"departments\":[";
  for (const DepartmentMonth& one : report.departments)
    text += (&one == &report.departments.front() ? "" : ",\n") + object(one);
  return text + "],\n\"total\":" + object(report.total) + ",\n\"before\":" + object(report.before) + "}\n";
}

std::string to_table(const MonthReport& report) {
  std::string text = "数据交换月报 " + report.month + " exchange report\n";
  const auto add = [&](const std::string& name, const DepartmentMonth& one) {
    text += name + "  提供 sent " + std::to_string(one.sent) + "  补发 refill " + std::to_string(one.refill) +
            "  接收 received " + std::to_string(one.received) + "  搁置 withheld " + std::to_string(one.withheld) +
            "  被拒 refused " + std::to_string(one.refused) + "  申请 requests " + std::to_string(one.requests);
    if (!one.last_day.empty()) text += "  最后一日 last day " + one.last_day;
    text += "\n";
  };
  for (const DepartmentMonth& one : report.departments) add(one.id + " " + one.title, one);
  add("合计 total", report.total);
  text += "比上月 change  提供 sent " + change(report.total.sent, report.before.sent) + "  接收 received " +
          change(report.total.received, report.before.received) + "\n";
  return text;
}

}  // namespace qianzhi::hub
