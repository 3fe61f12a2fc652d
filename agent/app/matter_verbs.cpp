#include "agent/app/matter_verbs.h"

#include <CLI/CLI.hpp>

namespace qianzhi::app {

namespace {

void add_terms(CLI::App& verb, MatterLine& line) {
  verb.add_option("--items", line.items, "数据项，逗号分隔；不写为全部 / items, separated by commas; none: all");
  verb.add_option("--groups", line.groups, "分组（如区划代码），不写为全部 / groups, such as area codes; none: all");
  verb.add_option("--until", line.until, "有效期至 YYYY-MM-DD / last day");
}

void add_openers(CLI::App& app, MatterLine& line, const AddVerb& add, const AskAgent& ask) {
  CLI::App* request = add(app, "request-access", "申请一个主题的数据 / ask for data of a topic", [&line, ask] {
    return ask({"request-access", line.topic, line.items, line.groups, line.until, line.purpose, line.basis,
                line.reason, line.contact},
               false);
  });
  request->add_option("topic", line.topic, "主题 / topic")->required();
  add_terms(*request, line);
  request->add_option("--purpose", line.purpose, "用途 / purpose")->required();
  request->add_option("--basis", line.basis, "法律依据 / legal basis")->required();
  request->add_option("--reason", line.reason, "说明 / why");
  request->add_option("--contact", line.contact, "联系人 / whom to ask");
  CLI::App* object =
      add(app, "object", "对收到的一个值提出异议（校核） / tell the provider that a value is wrong", [&line, ask] {
        return ask({"object", line.topic, line.origin, line.key, line.item, line.held, line.claimed, line.reason},
                   false);
      });
  object->add_option("topic", line.topic, "主题 / topic")->required();
  object->add_option("--key", line.key, "主键的值，按目录顺序，逗号分隔 / key values in the catalogue's order")
      ->required();
  object->add_option("--item", line.item, "数据项；不写表示整行 / item; none: the row as such");
  object->add_option("--held", line.held, "收到的值 / the value received");
  object->add_option("--claimed", line.claimed, "认为正确的值 / what would be right");
  object->add_option("--origin", line.origin, "提供方前置机 / the agent it came from");
  object->add_option("--reason", line.reason, "理由 / reason")->required();
}

CLI::App* add_answer(CLI::App& parent, MatterLine& line, const AddVerb& add, const AskAgent& ask,
                     const std::string& name, const std::string& text) {
  CLI::App* verb = add(parent, name, text, [&line, ask, name] {
    return ask({"matter-" + name, line.id, line.reason, line.items, line.groups, line.until}, false);
  });
  verb->add_option("id", line.id, "编号，至少 8 位 / id, at least 8 digits")->required();
  return verb;
}

}  // namespace

void add_matter_verbs(CLI::App& app, MatterLine& line, const AddVerb& add, const AskAgent& ask) {
  add_openers(app, line, add, ask);
  CLI::App* matter = app.add_subcommand("matter", "访问申请与数据异议 / requests for access and objections");
  matter->require_subcommand(1);
  add(*matter, "list", "列出 / list", [&line, ask] { return ask({"matter-list"}, line.json); });
  CLI::App* show = add(*matter, "show", "内容与经过 / what was said of one", [&line, ask] {
    return ask({"matter-show", line.id}, line.json);
  });
  show->add_option("id", line.id, "编号，至少 8 位 / id, at least 8 digits")->required();
  CLI::App* approve =
      add_answer(*matter, line, add, ask, "approve", "同意申请（可缩小），或认可异议 / approve or accept");
  add_terms(*approve, line);
  approve->add_option("--reason", line.reason, "说明 / why");
  add_answer(*matter, line, add, ask, "refuse",
             "拒绝申请或异议；已授权的随即收回 / refuse, also what was approved before")
      ->add_option("--reason", line.reason, "理由 / reason")
      ->required();
  add_answer(*matter, line, add, ask, "confirm", "确认已更正（无法自动看出时） / say that an objection was cured");
  add_answer(*matter, line, add, ask, "withdraw", "撤回本部门提出的事项 / withdraw one of your own")
      ->add_option("--reason", line.reason, "理由 / reason");
}

}  // namespace qianzhi::app
