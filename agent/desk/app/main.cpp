// qianzhi-desk: compares what a department received with what it has, and tells what does not fit.
#include <CLI/CLI.hpp>

#include <functional>

#include "agent/desk/app/commands.h"
#include "agent/desk/app/desk_file.h"
#include "agent/desk/app/doctor_command.h"
#include "agent/desk/app/serve_command.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/command/config_verbs.h"
#include "hub-protocol/command/outcome.h"
#include "hub-protocol/command/program.h"
#include "hub-protocol/command/usage.h"

namespace {

namespace desk = qianzhi::desk;

struct Line {
  qianzhi::command::Program program{"qianzhi-desk",
                                    "数据比对与预警 / comparison and warnings of the Qianzhi data exchange",
                                    "/etc/qianzhi/desk.yaml"};
  std::filesystem::path config;
  bool json = false;
  std::filesystem::path out;
  bool csv = false;
  desk::JudgeOptions judge;
  desk::FindingsOptions findings;
  desk::ReportOptions report;
  desk::WorkOptions work;
  qianzhi::command::FormatOptions format_file;

  desk::Format format() const {
    if (json) return desk::Format::json;
    return csv ? desk::Format::csv : desk::Format::text;
  }
};

// config and json are known when the action is carried out. A database of its own that does not hold is told apart.
CLI::App* verb(CLI::App& app, Line& line, const std::string& name, const std::string& text,
               std::function<int()> action) {
  return line.program.verb(app, name, text, [&line, action = std::move(action)] {
    line.config = line.program.config();
    line.json = line.program.json();
    try {
      return action();
    } catch (const qianzhi::Error& error) {
      if (error.kind() != qianzhi::ErrorKind::corrupt) throw;
      qianzhi::command::tell(error, line.program.language(), line.json);
      return qianzhi::command::status_io;
    }
  });
}

void add_formats(CLI::App* sub, Line& line) { sub->add_flag("--csv", line.csv, "CSV 格式 / as CSV"); }

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

void add_look_verbs(CLI::App& app, Line& line) {
  verb(app, line, "doctor", "逐项检查：配置、收到的数据、磁盘、数据库 / look for what is wrong, step by step",
       [&line] { return desk::doctor(line.config, line.program.language(), line.json); });
  CLI::App* bundle =
      verb(app, line, "bundle", "支持包：先列出内容，不含密钥和数据行 / support bundle: lists first; no keys, no rows",
           [&line] { return desk::bundle(line.config, line.out, line.program.language(), line.json); });
  bundle->add_option("--out", line.out, "写入此 ZIP 文件；不写则只列出 / write this ZIP file; else it is only listed")
      ->type_name("FILE");
}

void add_file_verbs(Line& line) {
  qianzhi::command::add_config_verbs(line.program, line.format_file,
                                     {desk::reference_texts(), desk::add_reference, desk::load_settings});
}

struct WorkVerb {
  const char* group;
  const char* name;
  const char* usage;
  const char* text;
};

// As agent/desk/work/case_verbs.h has them, which takes the words apart.
constexpr WorkVerb work_verbs[] = {
    {"case", "list", "[FILTER...]", "列出；条件 state= rule= area= office= after= most= / list; by conditions"},
    {"case", "show", "NUMBER", "一件案件 / one case"},
    {"case", "assign", "NUMBER OFFICE [PERSON]", "分派 / give it to an office"},
    {"case", "urge", "NUMBER [NOTE]", "催办 / urge"},
    {"case", "visit", "NUMBER [NOTE]", "上门 / visit"},
    {"case", "outcome", "NUMBER OUTCOME [DAY] [NOTE]", "核查结果 / what was found"},
    {"case", "exempt", "NUMBER REASON", "豁免 / exempt"},
    {"case", "appeal", "NUMBER REASON", "申诉 / appeal"},
    {"case", "close", "NUMBER REASON", "结案 / close"},
    {"case", "note", "NUMBER TEXT", "备注 / note"},
    {"case", "person", "NUMBER NAME [DOCUMENT]", "增加当事人 / add a person"},
    {"case", "figures", "RULE FROM TO [area|kind|office|party|month]", "统计 / figures"},
    {"case", "completed", "RULE FROM TO [FIGURE...]", "办结统计 / figures of what was completed"},
    {"notice", "list", "[STATE]", "列出 / list"},
    {"notice", "again", "NUMBER", "重发 / send again"},
    {"notice", "drop", "NUMBER", "取消 / drop"},
    {"match", "list", "", "待复核 / what waits"},
    {"match", "decided", "", "已判定 / what was decided"},
    {"match", "same", "LEFT RIGHT [REMARK]", "同一户 / the same"},
    {"match", "different", "LEFT RIGHT [REMARK]", "不是同一户 / different"},
    {"match", "later", "LEFT RIGHT", "以后再看 / later"},
    {"match", "undo", "LEFT RIGHT", "撤回判定 / take a decision back"},
};

void add_work_verbs(CLI::App& app, Line& line) {
  line.program.group(app, "case", "查看和办理案件 / see cases and work on them");
  line.program.group(app, "notice", "查看、重发或取消通知 / see notices, send them again, drop them");
  line.program.group(app, "match", "判定可能相同的记录 / decide whether records are one");
  for (const WorkVerb& one : work_verbs) {
    CLI::App* sub = verb(*app.get_subcommand(one.group), line, one.name, one.text, [&line] {
      line.work.config = line.config;
      line.work.format = line.format();
      for (const std::string& word : line.program.words())
        if (word != "--csv") line.work.words.push_back(word);
      return desk::work(line.work);
    });
    qianzhi::command::declare(*sub, one.usage, [](std::string_view) { return std::string(); });
    add_formats(sub, line);
  }
}

}  // namespace

int main(int count, char** values) {
  Line line;
  add_verbs(line.program.top(), line);
  add_work_verbs(line.program.top(), line);
  add_look_verbs(line.program.top(), line);
  add_file_verbs(line);
  return line.program.run(count, values);
}
