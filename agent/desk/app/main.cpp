// qianzhi-desk: compares what a department received with what it has, and tells what does not fit.
#include <CLI/CLI.hpp>

#include <array>
#include <cstdio>
#include <functional>

#include "agent/desk/app/commands.h"
#include "agent/desk/app/serve_command.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/service/process.h"

namespace {

namespace desk = qianzhi::desk;

constexpr int usage_error = 2;
constexpr int io_failure = 74;  // EX_IOERR of sysexits.h

struct Line {
  std::filesystem::path config = "/etc/qianzhi/desk.yaml";
  bool json = false;
  bool csv = false;
  desk::JudgeOptions judge;
  desk::FindingsOptions findings;
  desk::ReportOptions report;
  desk::WorkOptions work;
  std::function<int()> action;

  desk::Format format() const {
    if (json) return desk::Format::json;
    return csv ? desk::Format::csv : desk::Format::text;
  }
};

CLI::App* verb(CLI::App& app, Line& line, const std::string& name, const std::string& text,
               std::function<int()> action) {
  CLI::App* sub = app.add_subcommand(name, text);
  sub->add_option("-c,--config", line.config, "配置文件 / configuration file")->capture_default_str();
  sub->callback([&line, action = std::move(action)] { line.action = action; });
  return sub;
}

void add_formats(CLI::App* sub, Line& line) {
  CLI::Option* json = sub->add_flag("--json", line.json, "JSON");
  sub->add_flag("--csv", line.csv, "CSV")->excludes(json);
}

// Their words are taken apart by the part that carries them out.
void add_verbs(CLI::App& app, Line& line) {
  verb(app, line, "run", "持续比对 / judge rules as they are due, in the foreground",
       [&line] { return desk::run(line.config); });
  verb(app, line, "serve", "页面、接口与本机查询 / serve pages, interface and local lookup, in the foreground",
       [&line] { return desk::serve_pages(line.config); });
  verb(app, line, "check", "检查配置、表和规则 / check configuration, tables and rules",
       [&line] { return desk::check(line.config); });
  verb(app, line, "plan", "打印由 DBA 在收到的库上执行的 SQL / print the SQL for received files",
       [&line] { return desk::plan(line.config); });
  CLI::App* judge = verb(app, line, "judge", "现在比对 / judge rules now", [&line] {
    line.judge.config = line.config;
    return desk::judge(line.judge);
  });
  judge->add_option("rules", line.judge.rules, "规则，默认全部 / rules; all by default");
  judge->add_flag("--full", line.judge.full, "全部重新比对 / everything, not only what changed");
  CLI::App* findings = verb(app, line, "findings", "列出发现 / list what rules found", [&line] {
    line.findings.config = line.config;
    line.findings.format = line.format();
    return desk::findings(line.findings);
  });
  findings->add_option("--rule", line.findings.rule, "仅此规则 / of this rule only");
  findings->add_flag("--open", line.findings.open, "仅未消除的 / only what still holds");
  findings->add_option("--limit", line.findings.limit, "最多显示 / at most")->capture_default_str();
  add_formats(findings, line);
  CLI::App* report = verb(app, line, "report", "生成报表 / make a report", [&line] {
    line.report.config = line.config;
    line.report.format = line.format();
    return desk::report(line.report);
  });
  report->add_option("name", line.report.report, "报表 / report")->required();
  report->add_option("--from", line.report.from, "起始日期 / first day");
  report->add_option("--to", line.report.to, "截止日期 / last day");
  add_formats(report, line);
}

// The words are taken apart by agent/desk/work.
void add_work_verbs(CLI::App& app, Line& line) {
  for (const auto& [name, text, help] :
       {std::array<const char*, 3>{
            "case", "查看和办理案件 / see cases and work on them",
            "list | show N | assign N OFFICE [PERSON] | urge N [NOTE] | visit N [NOTE] | outcome "
            "N OUTCOME [DAY] [NOTE] | exempt N REASON | appeal N REASON | close N REASON | note N TEXT | "
            "person N NAME [DOCUMENT] | figures RULE FROM TO [area|kind|office|party|month] | completed RULE FROM TO "
            "[...]"},
        std::array<const char*, 3>{"notice", "查看、重发或取消通知 / see notices, send them again, drop them",
                                   "list [STATE] | again N | drop N"},
        std::array<const char*, 3>{"match", "判定可能相同的记录 / decide whether records are one",
                                   "list | decided | same|different|later LEFT RIGHT [REMARK] | undo LEFT RIGHT"}}) {
    const std::string first = name;
    CLI::App* sub = verb(app, line, first, text, [&line, first] {
      line.work.config = line.config;
      line.work.format = line.format();
      line.work.words.insert(line.work.words.begin(), first);
      return desk::work(line.work);
    });
    sub->add_option("words", line.work.words, help)->required();
    add_formats(sub, line);
  }
}

}  // namespace

int main(int count, char** values) {
  CLI::App app("qianzhi-desk 数据比对与预警 / comparison and warnings of the Qianzhi data exchange");
  app.set_version_flag("--version", std::string("qianzhi-desk ") + QIANZHI_VERSION);
  app.require_subcommand(1);
  Line line;
  add_verbs(app, line);
  add_work_verbs(app, line);
  if (count < 2) {
    std::fputs(app.help().c_str(), stdout);
    return usage_error;
  }
  try {
    app.parse(count, values);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : usage_error;
  }
  try {
    return line.action();
  } catch (const qianzhi::Error& error) {
    const int status = qianzhi::service::tell(error);
    return error.kind() == qianzhi::ErrorKind::corrupt ? io_failure : status;
  }
}
