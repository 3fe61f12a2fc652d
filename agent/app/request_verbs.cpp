#include "agent/app/request_verbs.h"

#include <CLI/CLI.hpp>

namespace qianzhi::app {

void add_request_verbs(CLI::App& app, RequestLine& line, const std::filesystem::path& config, const AddVerb& add,
                       const AskAgent& ask) {
  CLI::App* question =
      add(app, "ask", "向其他部门核验，一条或一个清单 / ask other departments, one question or a list of them",
          [&line, &config] { return ask_others(config, line); });
  question->add_option("service", line.service, "服务（答复类主题） / service: a topic that is answered")->required();
  question->add_option("values", line.values, "问项=值 / item=value of each item that is asked");
  question->add_option("--csv", line.csv, "清单文件，首行为问项 / a list; its first line names the items")
      ->excludes("values")
      ->type_name("FILE");
  question->add_option("--out", line.out, "答复写入此 CSV 文件 / answers as CSV to this file")
      ->needs("--csv")
      ->type_name("FILE");
  question->add_option("--to", line.to, "只问这些前置机，逗号分隔 / only these agents, separated by commas");
  question->add_option("--purpose", line.purpose, "用途 / purpose")->required();
  question->add_option("--basis", line.basis, "法律依据 / legal basis")->required();
  question->add_option("--case", line.case_number, "案号 / case number");
  question->add_option("--within", line.within, "答复期限，如 30s、2h、3d（默认 10m） / deadline from now (10m)");
  question->add_option("--appeal", line.appeal, "对此前请求的复核 / id of an earlier request that is asked again");
  question->add_flag("--no-wait", line.does_not_wait, "只给出编号，不等答复 / print the id and do not wait");
  CLI::App* request = app.add_subcommand("request", "本机提出的请求 / what was asked from here");
  request->require_subcommand(1);
  add(*request, "list", "列出 / list", [&line, ask] { return ask({"request-list"}, line.json); });
  CLI::App* show = add(*request, "show", "问题与答复 / questions and answers of one", [&line, ask] {
    return ask({"request-show", line.id}, line.json);
  });
  show->add_option("id", line.id, "编号，至少 8 位 / id, at least 8 digits")->required();
}

}  // namespace qianzhi::app
