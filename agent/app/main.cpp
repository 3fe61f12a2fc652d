// qianzhi: the agent on a department's front-end server, and the tools of its DBA.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>

#include "adapters/api/memory.h"
#include "agent/app/commands.h"
#include "agent/app/init_command.h"
#include "agent/app/matter_verbs.h"
#include "agent/app/request_verbs.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/service/process.h"

namespace {

using qianzhi::app::CheckOptions;
using qianzhi::app::ExportOptions;
using qianzhi::app::PlanOptions;
using qianzhi::app::RunOptions;
using qianzhi::app::SampleOptions;
using qianzhi::app::TopicsOptions;
using qianzhi::app::VerifyOptions;

constexpr int usage_error = 2;

// Everything the command line fills in; one value, so that callbacks need no globals.
struct Line {
  std::filesystem::path config = "/etc/qianzhi/agent.yaml";
  bool json = false;
  RunOptions run;
  CheckOptions check;
  PlanOptions plan;
  SampleOptions sample;
  TopicsOptions topics;
  VerifyOptions verify;
  qianzhi::app::EnrolCommand enrol;
  qianzhi::app::RotateCommand rotate;
  qianzhi::app::InitCommand init;
  ExportOptions exported;
  std::string code;
  std::string id;
  std::string reason;
  std::string topic;
  std::string groups;
  std::string source;
  bool confirm = false;
  bool keys = false;
  qianzhi::app::MatterLine matter;
  qianzhi::app::RequestLine request;
  std::function<int()> action;
};

CLI::App* verb(CLI::App& app, Line& line, const std::string& name, const std::string& text,
               std::function<int()> action) {
  CLI::App* sub = app.add_subcommand(name, text);
  sub->add_option("-c,--config", line.config, "配置文件 / configuration file")->capture_default_str();
  sub->callback([&line, action = std::move(action)] { line.action = action; });
  return sub;
}

void add_run_verbs(CLI::App& app, Line& line) {
  namespace verbs = qianzhi::app;
  CLI::App* run = verb(app, line, "run", "运行代理 / run the agent in the foreground", [&line] {
    line.run.config = line.config;
    return verbs::run(line.run);
  });
  run->add_option("--port-file", line.run.port_file, "状态页端口写入此文件 / write the status page's port here");
  CLI::App* check =
      verb(app, line, "check", "检查配置 / check the configuration; --live also databases and hub", [&line] {
        line.check.config = line.config;
        return verbs::check(line.check);
      });
  check->add_flag("--live", line.check.live, "同时检查数据库与交换中心，只读 / also look at databases, read-only");
  check->add_option("--catalogue", line.check.catalogue, "目录文件夹 / folder of catalogue files");
  CLI::App* plan = verb(app, line, "plan", "打印供 DBA 审阅执行的 SQL / print the SQL for the DBA", [&line] {
    line.plan.config = line.config;
    return verbs::plan(line.plan);
  });
  plan->add_option("part", line.plan.part,
                   "install | grants | uninstall | repair（连接数据库，只读 / connects, reads only） | "
                   "leftovers（撤除后应查不到任何行 / "
                   "must find no row after uninstalling）")
      ->check(CLI::IsMember({"install", "grants", "uninstall", "repair", "leftovers"}))
      ->capture_default_str();
  plan->add_option("--database", line.plan.database, "仅此数据源或目标 / this source or target only");
  plan->add_option("--catalogue", line.plan.catalogue, "目录文件夹 / folder of catalogue files");
  CLI::App* sample =
      verb(app, line, "sample", "显示将要发出的行（遮蔽） / show rows as they would leave, masked", [&line] {
        line.sample.config = line.config;
        return verbs::sample(line.sample);
      });
  sample->add_option("topic", line.sample.topic, "主题 / topic")->required();
  sample->add_option("-n,--rows", line.sample.rows, "行数 / rows")->capture_default_str();
  sample->add_option("--catalogue", line.sample.catalogue, "目录文件夹 / folder of catalogue files");
}

void add_offline_verbs(CLI::App& app, Line& line) {
  namespace verbs = qianzhi::app;
  CLI::App* topics = verb(app, line, "topics", "在目录中查找主题 / look topics up in the catalogue, offline", [&line] {
    line.topics.config = line.config;
    line.topics.json = line.json;
    return verbs::topics(line.topics);
  });
  topics->add_option("words", line.topics.words,
                     "主题标识，或词语、代码、拼音首字母 / a topic's id, or words, code, pinyin initials");
  topics->add_option("--limit", line.topics.limit, "最多显示 / at most")->capture_default_str();
  topics->add_flag("--json", line.json, "JSON");
  CLI::App* explain = app.add_subcommand("explain", "解释错误代码 / explain an error code, offline");
  explain->add_option("code", line.code, "QZ-...")->required();
  explain->callback([&line] { line.action = [&line] { return verbs::explain_code(line.code); }; });
  CLI::App* verify = app.add_subcommand("verify", "离线校验导出的批次 / verify exported batches offline");
  verify->add_option("path", line.verify.path, "文件或文件夹 / file or folder")->required();
  verify->add_option("--directory", line.verify.directory, "directory.qzd");
  verify->add_option("--directory-key", line.verify.directory_key, "目录公钥 PEM / directory public key")->required();
  verify->add_option("--root-key", line.verify.root_key, "离线根公钥 PEM，目录密钥曾被离线替换时 / off-line root key");
  verify->add_flag("--json", line.verify.json, "JSON");
  verify->callback([&line] { line.action = [&line] { return verbs::verify(line.verify); }; });
  CLI::App* exported =
      verb(app, line, "export", "导出队列中保留的批次 / export the batches kept in the queue", [&line] {
        line.exported.config = line.config;
        return verbs::export_batches(line.exported);
      });
  exported->add_option("--to", line.exported.to, "输出文件夹 / output folder")->required();
  exported->add_option("--topic", line.exported.topic, "仅此主题 / this topic only");
}

void add_identity_verbs(CLI::App& app, Line& line) {
  namespace verbs = qianzhi::app;
  const auto algorithms = CLI::IsMember({"ed25519", "ecdsa-p256", "sm2"});
  CLI::App* enrol = app.add_subcommand(
      "enrol", "用注册码取得身份，密钥在本机产生 / get an identity with a token; keys are made here");
  enrol->add_option("token", line.enrol.token, "注册码 / token")->required();
  enrol->add_option("--out", line.enrol.out, "存放密钥的文件夹 / folder for the keys")->capture_default_str();
  enrol->add_option("--hub", line.enrol.hub, "主机:端口 / HOST:PORT, else the token's");
  enrol->add_option("--algorithm", line.enrol.algorithm, "签名算法 / of signatures")
      ->check(algorithms)
      ->capture_default_str();
  enrol->add_option("--proxy", line.enrol.proxy, "http://HOST:PORT");
  enrol->callback([&line] { line.action = [&line] { return verbs::enrol(line.enrol); }; });
  CLI::App* rotate =
      verb(app, line, "rotate-key", "更换签名密钥 / put a new signing key in the place of this one", [&line] {
        line.rotate.config = line.config;
        return verbs::rotate_key(line.rotate);
      });
  rotate->add_option("--algorithm", line.rotate.algorithm, "签名算法 / of signatures")->check(algorithms);
  verb(app, line, "reload", "检查并改用新的配置，不重启 / check the configuration and go on with it, without a restart",
       [&line] { return verbs::ask(line.config, {"reload"}, false); });
  verb(app, line, "renew", "现在换发 TLS 证书 / renew the TLS certificate now",
       [&line] { return verbs::ask(line.config, {"renew"}, false); });
}

void add_control_verbs(CLI::App& app, Line& line) {
  namespace verbs = qianzhi::app;
  CLI::App* status = verb(app, line, "status", "当前状态 / what the agent is doing",
                          [&line] { return verbs::ask(line.config, {"status"}, line.json); });
  status->add_flag("--json", line.json, "JSON");
  CLI::App* resync =
      verb(app, line, "resync", "整体补传一个主题，或确认回退的源库 / refill a topic, or confirm a source", [&line] {
        if (!line.source.empty() && line.confirm)
          return verbs::ask(line.config, {"confirm-source", line.source}, false);
        if (!line.topic.empty() && line.source.empty())
          return verbs::ask(line.config, {"resync", line.topic, line.groups, line.confirm ? "confirm" : ""}, line.json);
        std::fputs("resync TOPIC [--groups A,B] [--confirm] | resync --source NAME --confirm\n", stderr);
        return usage_error;
      });
  resync->add_option("topic", line.topic, "主题 / topic");
  resync->add_option("--groups", line.groups, "仅这些分区，逗号分隔 / only these groups, separated by commas");
  resync->add_option("--source", line.source, "数据源 / source");
  resync->add_flag("--confirm", line.confirm,
                   "已核对源库，或接受表的现有结构 / the source, or the table as it is now, has been looked at");
  resync->add_flag("--json", line.json, "JSON");
  CLI::App* reconcile =
      verb(app, line, "reconcile", "现在对账一个主题 / compare a topic's table with what was sent, now", [&line] {
        return verbs::ask(line.config, {"reconcile", line.topic}, false);
      });
  reconcile->add_option("topic", line.topic, "主题 / topic")->required();
  CLI::App* compare =
      verb(app, line, "compare", "现在与提供方核对一个主题 / compare a received topic with its provider's source, now",
           [&line] {
             return verbs::ask(line.config, {line.keys ? "compare-keys" : "compare", line.topic}, false);
           });
  compare->add_option("topic", line.topic, "主题 / topic")->required();
  compare->add_flag("--keys", line.keys, "列出上次发现的行 / which rows the last one found");
  CLI::App* quarantine = app.add_subcommand("quarantine", "隔离区 / rows set aside");
  quarantine->require_subcommand(1);
  verb(*quarantine, line, "list", "列出 / list", [&line] { return verbs::ask(line.config, {"quarantine"}, false); });
  CLI::App* show = verb(*quarantine, line, "show", "显示一行（含内容） / show one row with its values", [&line] {
    return verbs::ask(line.config, {"quarantine-show", line.id}, false);
  });
  show->add_option("id", line.id)->required();
  CLI::App* retry = verb(*quarantine, line, "retry", "重试一行 / try a row again", [&line] {
    return verbs::ask(line.config, {"quarantine-retry", line.id}, false);
  });
  retry->add_option("id", line.id)->required();
  CLI::App* skip = verb(*quarantine, line, "skip", "放弃一行，须说明原因 / give a row up, with a reason", [&line] {
    return verbs::ask(line.config, {"quarantine-skip", line.id, line.reason}, false);
  });
  skip->add_option("id", line.id)->required();
  skip->add_option("--reason", line.reason, "原因 / reason")->required();
}

// Levenshtein distance: for "did you mean".
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

void suggest(const CLI::App& app, int count, char** values) {
  if (count < 2 || values[1][0] == '-') return;
  const std::string typed = values[1];
  std::string nearest;
  std::size_t best = 3;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_name() == typed) return;
    const std::size_t away = distance(typed, sub->get_name());
    if (away < best) {
      best = away;
      nearest = sub->get_name();
    }
  }
  if (!nearest.empty())
    std::fprintf(stderr, "没有命令 \"%s\"，是否想写 \"%s\"？ / no verb \"%s\"; did you mean \"%s\"?\n", typed.c_str(),
                 nearest.c_str(), typed.c_str(), nearest.c_str());
}

}  // namespace

int main(int count, char** values) {
  qianzhi::adapter::keep_freed_memory();
  CLI::App app("qianzhi 前置机数据交换代理 / the agent of the Qianzhi data exchange");
  app.set_version_flag("--version", std::string("qianzhi ") + QIANZHI_VERSION);
  app.require_subcommand(1);
  Line line;
  add_run_verbs(app, line);
  add_control_verbs(app, line);
  const auto add = [&line](CLI::App& parent, const std::string& name, const std::string& text,
                           std::function<int()> action) { return verb(parent, line, name, text, std::move(action)); };
  const auto ask = [&line](const std::vector<std::string>& words, bool json) {
    return qianzhi::app::ask(line.config, words, json);
  };
  add_init_verb(app, line.init, line.config, add);
  add_matter_verbs(app, line.matter, add, ask);
  add_request_verbs(app, line.request, line.config, add, ask);
  add_offline_verbs(app, line);
  add_identity_verbs(app, line);
  if (count < 2) {
    std::fputs(app.help().c_str(), stdout);
    return usage_error;
  }
  try {
    app.parse(count, values);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) suggest(app, count, values);
    return app.exit(error) == 0 ? 0 : usage_error;
  }
  try {
    return line.action();
  } catch (const qianzhi::Error& error) {
    return qianzhi::service::tell(error);
  }
}
