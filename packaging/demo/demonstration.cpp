#include "packaging/demo/demonstration.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/hub_config.h"
#include "packaging/demo/bureaus.h"
#include "packaging/demo/compare.h"
#include "packaging/demo/desk_show.h"
#include "packaging/demo/exchange.h"
#include "packaging/demo/office.h"
#include "packaging/demo/table.h"
#include "packaging/demo/traffic.h"
#include "packaging/demo/waiter.h"

namespace qianzhi::demo {

namespace {

const char* told(Databases databases) {
  switch (databases) {
    case Databases::sqlite: return ", SQLite";
    case Databases::postgresql: return ", PostgreSQL: 工商 commerce, 统计 statistics";
    case Databases::mixed: break;
  }
  return ", PostgreSQL: 工商 commerce; MariaDB: 国税 national tax; CSV: 质监 quality; SQLite: 地税 local tax; "
         "ODBC: 统计 statistics";
}

constexpr int stalled_seconds = 60;
constexpr int live_a_second = 4;
constexpr int hurried_a_second = 60;
constexpr std::uint64_t pasted_firm = 8'000'000;  // far from every other number of the city

void say(const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

class Demonstration {
 public:
  explicit Demonstration(const Options& options)
      : options_(options),
        site_(options),
        generator_(options.seed, options.firms),
        exchange_(site_, waiter_),
        bureaus_(site_),
        office_(site_, waiter_),
        desk_(site_, waiter_) {}

  int run() {
    say("运行目录 run directory  " + site_.directory().string());
    start();
    return options_.once ? once() : live();
  }

 private:
  void start();
  void wait_for(const std::string& what, const std::function<bool(bool settled)>& condition);
  void meet();
  void join();
  int once();
  int live();
  bool is_settled();
  void draw();
  void say_where_to_look();
  std::string insert_to_paste() const;
  Report compare_all() const { return compare(site_.members(), directory_, set_aside_); }
  bool say_quarantine() const;
  void say_report(const Report& report) const;
  void say_usage();
  bool check_applicants() const;
  bool apply_for_licences() const;
  bool work_at_desk();
  Shown shown() const { return {site_.members(), receivers_, titles_, exchange_, *traffic_}; }

  Options options_;
  Waiter waiter_;  // blocks the signals, so first
  Site site_;
  Generator generator_;
  Directory directory_;  // as it is after the join
  std::map<std::string, std::vector<std::string>> receivers_;
  std::map<std::string, std::string> titles_;
  std::set<std::string> set_aside_;
  Exchange exchange_;
  Bureaus bureaus_;
  Office office_;
  DeskShow desk_;
  std::unique_ptr<Traffic> traffic_;
  SystemClock clock_;
  Micros started_ = clock_.steady();
  Micros said_ = 0;
  int drawn_ = 0;  // lines of the table on the terminal
  std::string awaited_;
};

void Demonstration::start() {
  yaml::Diagnostics diagnostics;
  directory_ = hub::load_hub_config(site_.write_hub_config(true), diagnostics).content;
  diagnostics.throw_if_errors();
  receivers_ = receivers_of(directory_);
  for (const auto& [id, topic] : directory_.catalogue.topics) titles_[id] = topic.title;
  say("各部门数据库 departments' databases: " + std::to_string(options_.firms) + " 户 firms" +
      told(options_.databases));
  site_.fill_databases(generator_, waiter_);
  say("交换中心 hub");
  const std::string hub_url = exchange_.start_hub();
  site_.write_agent_configs(hub_url);
  for (const Member& member : site_.members()) site_.install(member);
  if (desk_.is_there()) desk_.install();
  for (const Member& member : site_.members()) {
    if (!member.provider) continue;
    exchange_.start_agent(member);
    say("  " + member.title + " " + member.agent + "  " + exchange_.page_of(member.id));
  }
  bureaus_.start(hub_url);
  office_.start(hub_url);
  say("  另有七个部门答复核验请求 and seven departments that answer requests\n"
      "  小客车指标办公室只写自己库中的请求表 and an office that writes requests into a table of its own");
  traffic_ =
      std::make_unique<Traffic>(generator_, site_.members(), options_.seed,
                                options_.once ? hurried_a_second : live_a_second, options_.once ? options_.changes : 0);
}

void Demonstration::join() {
  exchange_.reload_hub();
  const Member& last = site_.members().back();
  exchange_.start_agent(last);
  if (desk_.is_there()) desk_.start();
  say("统计部门加入，收取全部历史 statistics joins and receives the full history\n  " + last.title + " " + last.agent +
      "  " + exchange_.page_of(last.id));
  drawn_ = 0;
}

bool Demonstration::is_settled() {
  exchange_.look();
  traffic_->check();
  draw();
  awaited_ = exchange_.awaited(receivers_);
  return awaited_.empty();
}

void Demonstration::draw() {
  std::string text = live_table(shown()) + "最近 latest: " + traffic_->latest() + "\n";
  for (const std::string& trouble : exchange_.troubles()) text += "! " + trouble + "\n";
  const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  winsize size{};
  const bool fits = !options_.once && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > lines;
  const Micros now = clock_.steady();
  if (now - said_ < (fits ? 400'000 : 3'000'000)) return;
  said_ = now;
  if (!fits) {
    drawn_ = 0;
    return say("  " + live_line(shown()) + (awaited_.empty() ? "" : "  等待 awaits " + awaited_));
  }
  // Over the last one, so that what was said before stays on the screen; long lines are cut, not wrapped.
  std::string screen = drawn_ == 0 ? "" : "\033[" + std::to_string(drawn_) + "A";
  for (const char c : text) screen += c == '\n' ? std::string("\033[K\n") : std::string(1, c);
  std::printf("\033[?7l%s\033[J\033[?7h", screen.c_str());
  std::fflush(stdout);
  drawn_ = lines;
}

std::string Demonstration::insert_to_paste() const {
  const Firm firm = make_firm(options_.seed, pasted_firm);
  return "INSERT INTO enterprise (reg_no, ent_name, legal_rep, ent_type, est_date, reg_org, district, status) VALUES "
         "('" +
         firm.registration_number + "', '杭州前置演示有限公司', '" + firm.legal_representative + "', '" +
         firm.enterprise_type + "', '2005-01-04', '" + std::string(district(firm.district).authority) + "', '" +
         std::string(district(firm.district).name) + "', '1')";
}

void Demonstration::say_where_to_look() {
  const std::vector<Member>& members = site_.members();
  const std::string number = make_firm(options_.seed, pasted_firm).registration_number;
  const std::string select =
      "SELECT enterprise_name, area_code, contact_phone FROM commerce_opening_registration WHERE "
      "registration_number = '" +
      number + "'";
  say("\n在工商数据库中登记一户 register a firm at commerce:\n  " + command_of(members[0].business, insert_to_paste()) +
      "\n在其他部门查看 look for it at the others:");
  for (const Member& member : members)
    if (member.id != "commerce") say("  " + command_of(member.received, select));
  say("在请求表中写一行，再看七个部门的答复 insert a request, then look for the seven answers:\n  " +
      office_.commands_to_try());
  say("Ctrl-C 结束一切 ends everything\n");
}

bool Demonstration::say_quarantine() const {
  std::size_t count = 0;
  for (const auto& [id, status] : exchange_.statuses())
    for (const QuarantineLine& line : status.quarantine) {
      say("  隔离 quarantine  " + id + "  " + line.topic + "  " + line.code + "  " + line.detail);
      ++count;
    }
  // The one faulty row, at the agent of its source, and nothing else.
  return count == set_aside_.size();
}

void Demonstration::say_report(const Report& report) const {
  say("\n" + report.text());
  const Proportions wanted = generator_.proportions();
  say("统计收到 received at statistics: " + std::to_string(report.firms) + " 户新企业 new firms, " +
      std::to_string(report.without_tax) + " 户无税务登记 without tax registration, " +
      std::to_string(report.without_code) + " 户无组织机构代码 without organisation code  (应为 expected " +
      std::to_string(wanted.firms) + ", " + std::to_string(wanted.without_tax) + ", " +
      std::to_string(wanted.without_code) + ")");
}

// S4.3, S2.8.
bool Demonstration::check_applicants() const {
  constexpr std::size_t applicants = 200;
  const Checked checked = bureaus_.ask(site_.members().back(), applicants);
  say("七部门核验 checked by seven departments: " + std::to_string(checked.applicants) + " 人 applicants, " +
      std::to_string(checked.answers) + " 个答复 answers, 正确 right " + std::to_string(checked.right) + ", " +
      std::to_string(checked.rejected) + " 人不符合 do not qualify, " + std::to_string(checked.took / 1000) + " ms");
  if (!checked.first_wrong.empty()) say("  不一致 wrong: " + checked.first_wrong);
  const Micros asked = clock_.steady();
  const std::string told = bureaus_.one_application(site_.members().back());
  say("一个申请 one application, " + std::to_string((clock_.steady() - asked) / 1000) +
      " ms with the command's own start:\n" + told);
  return checked.is_good();
}

// S4.3, S2.8.
bool Demonstration::apply_for_licences() const {
  constexpr std::size_t applicants = 200;
  const Applied applied = office_.apply(applicants);
  const Checked& checked = applied.checked;
  say("请求表 table of requests: " + std::to_string(checked.applicants) + " 行 rows, " +
      std::to_string(checked.answers) + " 行答复 rows of answers, 正确 right " + std::to_string(checked.right) + ", " +
      std::to_string(applied.over) + " 人已齐 complete, " + std::to_string(checked.rejected) +
      " 人不符合 do not qualify, " + std::to_string(applied.refused) + " 行有误 row that cannot be asked, " +
      std::to_string(checked.took / 1000) + " ms");
  if (!checked.first_wrong.empty()) say("  不一致 wrong: " + checked.first_wrong);
  return applied.is_good();
}

// S1.6, S1.7, S2.3.
bool Demonstration::work_at_desk() {
  const DeskShow::Figures figures = desk_.figures();
  std::string text = "漏管户报表 the desk's report, 对照 counted:";
  for (std::size_t i = 0; i < figures.reported.size(); ++i)
    text += "  " + figures.names[i] + " " + figures.reported[i] + " = " + figures.counted[i];
  say(text);
  try {
    for (const std::string& line : desk_.work_on_cases(options_.seed)) say("  " + line);
  } catch (const Error& error) {
    say(std::string("  ! ") + error.what());
    return false;
  }
  return figures.is_good();
}

void Demonstration::say_usage() {
  std::vector<Usage> usages = office_.stop();
  for (Usage& usage : bureaus_.stop()) usages.push_back(std::move(usage));
  for (Usage& usage : desk_.stop()) usages.push_back(std::move(usage));
  for (Usage& usage : exchange_.stop()) usages.push_back(std::move(usage));
  for (const Usage& usage : usages) {
    char line[128];
    std::snprintf(line, sizeof line, "  %-18s CPU %6.1f s  峰值 peak %5.0f MiB", usage.name.c_str(),
                  static_cast<double>(usage.cpu) / 1e6, static_cast<double>(usage.peak_kib) / 1024.0);
    say(line);
  }
  say("用时 took " + std::to_string((clock_.steady() - started_) / 1'000'000) + " s");
}

void Demonstration::wait_for(const std::string& what, const std::function<bool(bool settled)>& condition) {
  waiter_.until(
      what, stalled_seconds, [&] { return condition(is_settled()); },
      [this] { return exchange_.progress() + traffic_->transactions(); });
}

void Demonstration::meet() {
  wait_for("四个部门的初始数据 initial rows at four departments", [](bool settled) { return settled; });
  say("四个部门已收齐 four departments have everything; 持续变更 live changes begin");
  drawn_ = 0;
  traffic_->start();
  wait_for("变更 changes",
           [&](bool) { return traffic_->transactions() >= (options_.once ? options_.changes / 4 : 8); });
  join();
}

int Demonstration::once() {
  meet();
  wait_for("变更 changes", [&](bool) { return traffic_->is_done(); });
  set_aside_.insert(traffic_->commit_faulty_row());
  traffic_->stop();
  say("变更结束 changes ended: " + std::to_string(traffic_->transactions()) + " 个事务 transactions, " +
      "其中一行有误 one row of them faulty");
  Report report;
  try {
    // What was committed last may not be captured yet, and only the comparison can tell.
    wait_for("收敛 convergence", [&](bool settled) {
      if (!settled) return false;
      report = compare_all();
      return report.is_good() && exchange_.statuses().at("commerce").quarantine.size() == set_aside_.size();
    });
  } catch (const Error& error) {
    if (error.code() != "QZ-DEM-002") throw;
    say("未收敛 did not converge: " + (awaited_.empty() ? "the comparison" : awaited_));
    report = compare_all();
  }
  const bool checks_good = check_applicants();
  const bool applications_good = apply_for_licences();
  const bool desk_good = !desk_.is_there() || work_at_desk();
  say(live_table(shown()));
  const bool quarantine_good = say_quarantine();
  for (const std::string& trouble : exchange_.troubles()) say("  ! " + trouble);
  say_report(report);
  say_usage();
  const bool good =
      report.is_good() && quarantine_good && checks_good && applications_good && desk_good && awaited_.empty();
  say(good ? "全部一致 every target equals its source" : "不一致 DIFFERENCES");
  return good ? 0 : 1;
}

int Demonstration::live() {
  meet();
  say_where_to_look();
  drawn_ = 0;
  while (waiter_.pause(200)) is_settled();
  say("\n结束 stopping");
  traffic_->stop();
  office_.stop();
  bureaus_.stop();
  desk_.stop();
  exchange_.stop();
  return 0;
}

}  // namespace

int demonstrate(const Options& options) { return Demonstration(options).run(); }

}  // namespace qianzhi::demo
