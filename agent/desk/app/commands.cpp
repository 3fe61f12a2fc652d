#include "agent/desk/app/commands.h"

#include <algorithm>
#include <cstdio>
#include <mutex>

#include "agent/desk/app/desk.h"
#include "agent/desk/data/sql_text.h"
#include "agent/desk/rules/report.h"
#include "agent/desk/work/case_verbs.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/service/control.h"
#include "hub-protocol/service/process.h"
#include "hub-protocol/service/watchdog.h"

namespace qianzhi::desk {

namespace {

constexpr int bad_configuration = 78;

// With the machine's clock and randomness.
class OpenDesk {
 public:
  explicit OpenDesk(const std::filesystem::path& config) : desk_(config, clock_, random_) {}
  Desk* operator->() { return &desk_; }
  Desk& get() { return desk_; }

 private:
  SystemClock clock_;
  SystemRandom random_;
  Desk desk_;
};

void print(const Grid& grid, Format format) {
  const std::string text = format == Format::json  ? to_json(grid)
                           : format == Format::csv ? to_csv(grid)
                                                   : to_text(grid);
  std::fputs(text.c_str(), stdout);
}

std::filesystem::path socket_of(const DeskFile& file) { return file.desk.database.string() + ".sock"; }

WorkForm form_of(Format format) {
  if (format == Format::json) return WorkForm::json;
  return format == Format::csv ? WorkForm::csv : WorkForm::text;
}

constexpr std::string_view form_names = "tjc";  // of WorkForm, as the first word to the running program

std::string answer(Desk& desk, const service::Call& call) {
  const std::size_t form = call.words.empty() ? 0 : form_names.find(call.words.front());
  if (call.words.empty() || form == std::string_view::npos)
    throw Error(ErrorKind::misuse, "QZ-DSK-125", "no form to answer in");
  const std::vector<std::string> words(call.words.begin() + 1, call.words.end());
  return work_verb(desk.work(), call.user, words, static_cast<WorkForm>(form));
}

}  // namespace

int run(const std::filesystem::path& config) {
  service::Signals signals;
  OpenDesk desk(config);
  if (!desk->is_open()) return bad_configuration;
  set_log_form(desk->file().log);
  desk->judge().close_forgotten();
  // desk.db has one connection: whoever asks meanwhile is served between two turns.
  std::mutex turn;
  const service::ControlServer control(socket_of(desk->file()), [&](const service::Call& call) {
    const std::lock_guard lock(turn);
    return answer(desk.get(), call);
  });
  for (const std::string& what : desk->judge().changes().missing())
    log("desk", Error(ErrorKind::misuse, "QZ-DSK-005", what));
  log(LogLevel::notice, "desk", desk->file().desk.id + " runs");
  service::notify("READY=1");
  const int poll_ms = static_cast<int>(desk->file().poll / 1000);
  do {
    const std::lock_guard lock(turn);
    desk->turn();
    service::notify("WATCHDOG=1");
  } while (!service::wait_watched(signals, poll_ms));
  service::notify("STOPPING=1");
  log(LogLevel::notice, "desk", "stopping");
  return 0;
}

int check(const std::filesystem::path& config) {
  OpenDesk desk(config);
  if (!desk->is_open()) return bad_configuration;
  const bool english = desk->file().desk.is_english();
  for (const Rule& rule : desk->judge().rules())
    std::printf(" ✓ 规则 rule %s: %s\n", rule.id.c_str(), (english ? rule.title_en : rule.title).c_str());
  for (const Report& one : desk->file().reports) {
    check_report(desk->store(), desk->judge(), one);
    std::printf(" ✓ 报表 report %s: %s\n", one.id.c_str(), (english ? one.title_en : one.title).c_str());
  }
  const std::vector<std::string> missing = desk->judge().changes().missing();
  for (const std::string& what : missing) std::printf(" ▲ QZ-DSK-005 %s\n", what.c_str());
  if (!missing.empty()) std::printf("     -> qianzhi-desk plan\n");
  for (const Error& error : desk->work().refused()) std::printf(" ✗ %s\n", error.what());
  yaml::Diagnostics diagnostics;
  if (desk->file().serve) serve::check_serve(*desk->file().serve, diagnostics);
  std::fputs(diagnostics.render().c_str(), stdout);
  return desk->work().refused().empty() && !diagnostics.has_errors() ? 0 : 1;
}

int plan(const std::filesystem::path& config) {
  OpenDesk desk(config);
  if (!desk->is_open()) return bad_configuration;
  std::fputs(desk->judge().changes().plan().c_str(), stdout);
  return 0;
}

int judge(const JudgeOptions& options) {
  OpenDesk desk(options.config);
  if (!desk->is_open()) return bad_configuration;
  std::vector<const Rule*> rules;
  for (const std::string& id : options.rules) rules.push_back(&desk->judge().rule(id));
  if (options.rules.empty())
    for (const Rule& rule : desk->judge().rules()) rules.push_back(&rule);
  for (const Rule* rule : rules) {
    const Judgement judgement = options.full ? desk->judge().judge_all(*rule) : desk->judge().judge_changes(*rule);
    std::printf("%s\n", told(judgement).c_str());
  }
  return 0;
}

int findings(const FindingsOptions& options) {
  OpenDesk desk(options.config);
  if (!desk->is_open()) return bad_configuration;
  if (!options.rule.empty()) desk->judge().rule(options.rule);
  const bool english = desk->file().desk.is_english();
  Grid grid;
  grid.id = "findings";
  const std::vector<std::pair<std::string, std::string>> columns = {
      {"rule", "规则"},    {"subject", "对象"}, {"party", "部门"}, {"area", "区划"},
      {"title", "名称"},   {"since", "起算"},   {"level", "级别"}, {"found", "发现"},
      {"changed", "变化"}, {"closed", "消除"},  {"detail", "内容"}};
  for (const auto& [id, title] : columns) grid.columns.push_back({id, english ? id : title, false});
  SqlText sql("SELECT rule, subject, party, area, title, since, level, found, changed, closed, detail FROM finding");
  sql.add(options.open ? " WHERE closed = 0" : " WHERE 1");
  if (!options.rule.empty()) sql.add(" AND rule = ").bind(options.rule);
  sql.add(" ORDER BY rule, party, since, subject LIMIT " + std::to_string(options.limit + 1));
  for (sqlite::Statement row = sql.on(desk->store().database()); row.step();) {
    std::vector<std::string> cells;
    for (int i = 0; i < row.columns(); ++i) {
      const bool is_time = i >= 7 && i <= 9;
      const std::int64_t time = is_time ? row.integer(i) : 0;
      cells.push_back(!is_time ? row.text(i) : time == 0 ? std::string() : beijing_text(time));
    }
    grid.rows.push_back(std::move(cells));
  }
  const bool has_more = grid.rows.size() > options.limit;
  if (has_more) grid.rows.resize(options.limit);
  print(grid, options.format);
  if (has_more)
    std::fprintf(stderr, "只列出前 %zu 条，见 --limit / only the first %zu, see --limit\n", options.limit,
                 options.limit);
  return 0;
}

int report(const ReportOptions& options) {
  OpenDesk desk(options.config);
  if (!desk->is_open()) return bad_configuration;
  for (const std::string& date : {options.from, options.to})
    if (!date.empty() && !day_from(date)) throw Error(ErrorKind::misuse, "QZ-DSK-006", date);
  const auto& reports = desk->file().reports;
  const auto found =
      std::find_if(reports.begin(), reports.end(), [&](const Report& one) { return one.id == options.report; });
  if (found == reports.end()) throw Error(ErrorKind::misuse, "QZ-DSK-003", options.report);
  print(run_report(desk->store(), desk->judge(), *found, {options.from, options.to}), options.format);
  return 0;
}

int work(const WorkOptions& options) {
  yaml::Diagnostics diagnostics;
  const DeskFile file = load_desk(options.config, diagnostics);
  const WorkForm form = form_of(options.format);
  if (!diagnostics.has_errors()) {
    std::vector<std::string> words = options.words;
    words.insert(words.begin(), std::string(1, form_names[static_cast<std::size_t>(form)]));
    try {
      std::fputs(service::ask_control(socket_of(file), words).c_str(), stdout);
      return 0;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unavailable) throw;
    }
  }
  // It does not run, so desk.db is ours.
  OpenDesk desk(options.config);
  if (!desk->is_open()) return bad_configuration;
  std::fputs(work_verb(desk->work(), service::own_user(), options.words, form).c_str(), stdout);
  return 0;
}

}  // namespace qianzhi::desk
