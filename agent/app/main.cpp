// qianzhi: the agent on a department's front-end server, and the tools of its DBA.
#include <CLI/CLI.hpp>

#include <functional>

#include "adapters/api/memory.h"
#include "agent/app/account_commands.h"
#include "agent/app/commands.h"
#include "agent/app/config_verbs.h"
#include "agent/app/init_command.h"
#include "agent/app/look_commands.h"
#include "agent/app/matter_verbs.h"
#include "agent/app/request_verbs.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/command/program.h"

namespace {

using qianzhi::app::CheckOptions;
using qianzhi::app::ExportOptions;
using qianzhi::app::PlanOptions;
using qianzhi::app::RunOptions;
using qianzhi::app::SampleOptions;
using qianzhi::app::TopicsOptions;
using qianzhi::app::VerifyOptions;

// Everything the command line fills in; one value, so that callbacks need no globals.
struct Line {
  qianzhi::command::Program program{"qianzhi", "前置机数据交换代理 / the agent of the Qianzhi data exchange",
                                    "/etc/qianzhi/agent.yaml"};
  std::filesystem::path config;
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
  std::string id;
  std::string reason;
  std::string topic;
  std::string groups;
  std::string source;
  std::string role;
  std::filesystem::path out;
  bool confirm = false;
  bool keys = false;
  bool looks_only = false;
  bool yes = false;
  bool watches = false;
  qianzhi::app::MatterLine matter;
  qianzhi::app::RequestLine request;
  qianzhi::app::ConfigLine tools;
};

// config and json are known when the action is carried out.
CLI::App* verb(CLI::App& app, Line& line, const std::string& name, const std::string& text,
               std::function<int()> action) {
  return line.program.verb(app, name, text, [&line, action = std::move(action)] {
    line.config = line.program.config();
    line.json = line.matter.json = line.request.json = line.tools.json = line.check.json = line.plan.json =
        line.sample.json = line.program.json();
    return action();
  });
}

void add_run_verbs(CLI::App& app, Line& line) {
  namespace verbs = qianzhi::app;
  CLI::App* run = verb(app, line, "run", "运行代理 / run the agent in the foreground", [&line] {
    line.run.config = line.config;
    return verbs::run(line.run);
  });
  run->add_option("--port-file", line.run.port_file, "状态页端口写入此文件 / write the status page's port here")
      ->type_name("FILE");
  run->add_flag(
      "--wait", line.run.waits,
      "没有配置文件时等待它出现，状态页照常打开 / without a configuration wait for it, with a page that says so");
  CLI::App* check =
      verb(app, line, "check", "检查配置 / check the configuration; --live also databases and hub", [&line] {
        line.check.config = line.config;
        return verbs::check(line.check);
      });
  check->add_flag("--live", line.check.live, "同时检查数据库与交换中心，只读 / also look at databases, read-only");
  check->add_option("--catalogue", line.check.catalogue, "目录文件夹 / folder of catalogue files")->type_name("DIR");
  CLI::App* plan = verb(app, line, "plan", "打印供 DBA 审阅执行的 SQL / print the SQL for the DBA", [&line] {
    line.plan.config = line.config;
    return verbs::plan(line.plan);
  });
  plan->add_option(
          "part", line.plan.part,
          "哪一部分；repair 连接数据库、只读，leftovers 在撤除后应查不到任何行 / which part; repair connects and "
          "reads only, leftovers must find no row after uninstalling")
      ->check(CLI::IsMember({"install", "grants", "uninstall", "repair", "leftovers"}))
      ->capture_default_str();
  plan->add_option("--database", line.plan.database, "仅此数据源或目标 / this source or target only");
  plan->add_option("--catalogue", line.plan.catalogue, "目录文件夹 / folder of catalogue files")->type_name("DIR");
  CLI::App* sample =
      verb(app, line, "sample", "显示将要发出的行（遮蔽） / show rows as they would leave, masked", [&line] {
        line.sample.config = line.config;
        return verbs::sample(line.sample);
      });
  sample->add_option("topic", line.sample.topic, "主题 / topic")->required();
  sample->add_option("-n,--rows", line.sample.rows, "行数 / rows")->capture_default_str();
  sample->add_option("--catalogue", line.sample.catalogue, "目录文件夹 / folder of catalogue files")->type_name("DIR");
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
  CLI::App* verify = verb(app, line, "verify", "离线校验导出的批次 / verify exported batches offline", [&line] {
    line.verify.json = line.json;
    return verbs::verify(line.verify);
  });
  verify->add_option("path", line.verify.path, "文件或文件夹 / file or folder")->required()->type_name("FILE");
  verify->add_option("--directory", line.verify.directory, "目录文件 directory.qzd / the directory, directory.qzd")
      ->type_name("FILE");
  verify->add_option("--directory-key", line.verify.directory_key, "目录公钥 PEM / directory public key")
      ->required()
      ->type_name("FILE");
  verify->add_option("--root-key", line.verify.root_key, "离线根公钥 PEM，目录密钥曾被离线替换时 / off-line root key")
      ->type_name("FILE");
  CLI::App* exported =
      verb(app, line, "export", "导出队列中保留的批次 / export the batches kept in the queue", [&line] {
        line.exported.config = line.config;
        return verbs::export_batches(line.exported);
      });
  exported->add_option("--to", line.exported.to, "输出文件夹 / output folder")->required()->type_name("DIR");
  exported->add_option("--topic", line.exported.topic, "仅此主题 / this topic only");
}

// What is looked at, and what is never changed.
void add_look_verbs(CLI::App& app, Line& line) {
  namespace verbs = qianzhi::app;
  CLI::App* doctor =
      verb(app, line, "doctor",
           "逐项检查：文件、磁盘、队列、到中心的每一步、时钟、数据库 / look for what is wrong, step by step",
           [&line] { return verbs::doctor(line.config, line.program.language(), line.json); });
  line.program.example(doctor, "sudo -u qianzhi qianzhi doctor", "以服务用户检查 / as the service's user");
  CLI::App* bundle =
      verb(app, line, "bundle", "支持包：先列出内容，不含密钥和数据行 / support bundle: lists first; no keys, no rows",
           [&line] { return verbs::bundle(line.config, line.out, line.program.language(), line.json); });
  bundle->add_option("--out", line.out, "写入此 ZIP 文件；不写则只列出 / write this ZIP file; else it is only listed")
      ->type_name("FILE");
  CLI::App* tables =
      verb(app, line, "tables", "列出数据源中的表，能否采集 / list a source's tables, and how each can be captured",
           [&line] { return verbs::tables(line.config, line.source, line.json); });
  tables->add_option("source", line.source, "数据源；不写则全部 / source; all if there is none");
  CLI::App* queue = line.program.group(app, "queue", "队列 / the queue");
  verb(*queue, line, "ls", "各数据流的队列：待发、保留、最早 / what waits in each stream",
       [&line] { return verbs::list_queue(line.config, line.json); });
  verb(*queue, line, "verify", "完整读一遍队列文件并打开每一批 / read the whole queue file and open each batch",
       [&line] { return verbs::verify_queue(line.config, line.json); });
}

void add_identity_verbs(CLI::App& app, Line& line) {
  namespace verbs = qianzhi::app;
  const auto algorithms = CLI::IsMember({"ed25519", "ecdsa-p256", "sm2"});
  CLI::App* enrol =
      verb(app, line, "enrol", "用注册码取得身份，密钥在本机产生 / get an identity with a token; keys are made here",
           [&line] { return verbs::enrol(line.enrol); });
  enrol->add_option("token", line.enrol.token, "注册码 / token")->required();
  enrol->add_option("--out", line.enrol.out, "存放密钥的文件夹 / folder for the keys")
      ->capture_default_str()
      ->type_name("DIR");
  enrol->add_option("--hub", line.enrol.hub, "主机:端口 / HOST:PORT, else the token's");
  enrol->add_option("--algorithm", line.enrol.algorithm, "签名算法 / of signatures")
      ->check(algorithms)
      ->capture_default_str();
  enrol->add_option("--proxy", line.enrol.proxy, "代理服务器 http://主机:端口 / proxy, http://HOST:PORT");
  CLI::App* rotate =
      verb(app, line, "rotate-key",
           "更换签名密钥或加密密钥 / put a new key in the place of the one for signatures, or of that for requests",
           [&line] {
             line.rotate.config = line.config;
             return verbs::rotate_key(line.rotate);
           });
  CLI::Option* algorithm =
      rotate->add_option("--algorithm", line.rotate.algorithm, "签名算法 / of signatures")->check(algorithms);
  rotate
      ->add_flag("--encryption", line.rotate.encryption,
                 "换密封请求与答复所用的密钥 / the key that requests are sealed to")
      ->excludes(algorithm);
  verb(app, line, "renew", "现在换发 TLS 证书 / renew the TLS certificate now",
       [&line] { return verbs::ask(line.config, {"renew"}, false); });
}

void add_account_verbs(CLI::App& app, Line& line) {
  namespace verbs = qianzhi::app;
  CLI::App* account = line.program.group(
      app, "account", "可从其他机器登录状态页的账户 / who may sign in to the page from other machines");
  CLI::App* add = verb(*account, line, "add", "建立账户，密码从终端或标准输入读取 / make one; asks for the password",
                       [&line] { return verbs::send_account(line.config, "account-add", line.id, line.role); });
  add->add_option("name", line.id, "名字 / name")->required();
  add->add_option("--role", line.role, "viewer 只能查看，operator 可以操作 / may look, or may act")
      ->check(CLI::IsMember({"viewer", "operator"}))
      ->required();
  verb(*account, line, "list", "列出 / list", [&line] { return verbs::ask(line.config, {"accounts"}, line.json); });
  CLI::App* remove =
      verb(*account, line, "remove", "删除账户并结束它的会话 / remove one and end its sessions", [&line] {
        return verbs::ask(line.config, {"account-remove", line.id}, false);
      });
  remove->add_option("name", line.id, "名字 / name")->required();
  CLI::App* password =
      verb(*account, line, "password", "更换密码并结束它的会话 / set another password and end its sessions",
           [&line] { return verbs::send_account(line.config, "account-password", line.id, {}); });
  password->add_option("name", line.id, "名字 / name")->required();
}

void add_control_verbs(CLI::App& app, Line& line) {
  namespace verbs = qianzhi::app;
  CLI::App* status = verb(app, line, "status", "当前状态 / what the agent is doing", [&line] {
    return line.watches ? verbs::watch_status(line.config, line.json) : verbs::ask(line.config, {"status"}, line.json);
  });
  status->add_flag("--watch", line.watches, "每两秒刷新，Ctrl-C 结束 / again every two seconds, until Ctrl-C");
  line.program.streams(status);
  CLI::App* web =
      verb(app, line, "web", "取得状态页的一次性链接（60 秒） / a one-time link to the page (60 s)", [&line] {
        return verbs::ask(line.config, {"web", line.looks_only ? "viewer" : "operator"}, line.json);
      });
  web->add_flag("--viewer", line.looks_only, "只能查看 / may look only");
  CLI::App* resync =
      verb(app, line, "resync", "整体补传一个主题，或确认回退的源库 / refill a topic, or confirm a source", [&line] {
        if (!line.source.empty() && line.confirm)
          return verbs::ask(line.config, {"confirm-source", line.source}, false);
        if (!line.topic.empty() && line.source.empty())
          return verbs::ask(line.config, {"resync", line.topic, line.groups, line.confirm ? "confirm" : ""}, line.json);
        throw qianzhi::Error(qianzhi::ErrorKind::misuse, "QZ-CLI-003",
                             "resync TOPIC [--groups A,B] [--confirm] | resync --source NAME --confirm");
      });
  resync->add_option("topic", line.topic, "主题 / topic");
  resync->add_option("--groups", line.groups, "仅这些分区，逗号分隔 / only these groups, separated by commas");
  resync->add_option("--source", line.source, "数据源 / source");
  resync->add_flag("--confirm", line.confirm,
                   "已核对源库，或接受表的现有结构 / the source, or the table as it is now, has been looked at");
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
  CLI::App* quarantine = line.program.group(app, "quarantine", "隔离区 / rows set aside");
  verb(*quarantine, line, "list", "列出 / list",
       [&line] { return verbs::ask(line.config, {"quarantine"}, line.json); });
  CLI::App* show = verb(*quarantine, line, "show", "显示一行（含内容） / show one row with its values", [&line] {
    return verbs::ask(line.config, {"quarantine-show", line.id}, false);
  });
  show->add_option("id", line.id, "编号 / number")->required();
  CLI::App* retry = verb(*quarantine, line, "retry", "重试一行 / try a row again", [&line] {
    return verbs::ask(line.config, {"quarantine-retry", line.id}, false);
  });
  retry->add_option("id", line.id, "编号 / number")->required();
  CLI::App* skip = verb(*quarantine, line, "skip", "放弃一行，须说明原因 / give a row up, with a reason", [&line] {
    qianzhi::command::require_consent(line.yes, line.reason, "quarantine skip " + line.id);
    return verbs::ask(line.config, {"quarantine-skip", line.id, line.reason}, false);
  });
  skip->add_option("id", line.id, "编号 / number")->required();
  skip->add_option("--reason", line.reason, "原因 / reason");
  skip->add_flag("--yes", line.yes, "已核对，确实放弃 / it was looked at and is given up");
}

}  // namespace

int main(int count, char** values) {
  qianzhi::adapter::keep_freed_memory();
  Line line;
  CLI::App& app = line.program.top();
  add_run_verbs(app, line);
  add_control_verbs(app, line);
  add_account_verbs(app, line);
  const auto add = [&line](CLI::App& parent, const std::string& name, const std::string& text,
                           std::function<int()> action) { return verb(parent, line, name, text, std::move(action)); };
  const auto ask = [&line](const std::vector<std::string>& words, bool json) {
    return qianzhi::app::ask(line.config, words, json);
  };
  add_first_verbs(app, line.init, line.config, add);
  add_matter_verbs(app, line.matter, add, ask);
  add_request_verbs(app, line.request, line.config, add, ask);
  add_config_verbs(app, line.tools, line.config, add, ask);
  add_offline_verbs(app, line);
  add_look_verbs(app, line);
  add_identity_verbs(app, line);
  return line.program.run(count, values);
}
