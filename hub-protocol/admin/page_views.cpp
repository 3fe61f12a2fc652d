#include <algorithm>

#include "hub-protocol/admin/call.h"
#include "hub-protocol/admin/pages.h"
#include "hub-protocol/html/frame.h"

namespace qianzhi::admin {

namespace {

using accounts::Role;
using html::escaped;

// The verb that the words of a source begin with; null: this hub has none.
const VerbInfo* verb_of(const Visit& visit, std::string_view source) {
  const VerbInfo* best = nullptr;
  for (const VerbInfo& verb : visit.desk.verbs) {
    const bool fits = source == verb.name || (source.size() > verb.name.size() && source[verb.name.size()] == ' ' &&
                                              source.substr(0, verb.name.size()) == verb.name);
    if (fits && (best == nullptr || verb.name.size() > best->name.size())) best = &verb;
  }
  return best;
}

bool may_read(const Visit& visit, const VerbInfo& verb) {
  return verb.role == Role::anyone || verb.role == visit.visitor->account.role;
}

std::string read_source(const Visit& visit, std::string_view source) {
  std::vector<std::string> words = split_words(source);
  words.emplace_back("--json");
  try {
    return visit.run(words);
  } catch (const Error& error) {
    return error.code() + ": " + error.detail();
  }
}

// What waits, each with the way to decide it; of one's own role only, and never one's own request.
std::string pending_html(const Visit& visit, const JsonNode& rows) {
  if (rows.items.empty())
    return "<p class=\"more\">" + visit.text("没有等待批准的操作。", "Nothing waits for approval.") + "</p>\n";
  std::string text;
  for (const JsonNode& row : rows.items) {
    const std::string number = row.text_of("number");
    const bool is_own = row.text_of("asked_by") == visit.visitor->account.name;
    const bool is_mine = row.text_of("role") == accounts::name_of(visit.visitor->account.role);
    text += "<article><h2>" + escaped(number) + " · <code>" + escaped(row.text_of("verb")) + "</code></h2><p>" +
            visit.text("提出人 ", "Asked by ") + value_html(visit, "asked_by", row.text_of("asked_by")) + " · " +
            value_html(visit, "time", row.text_of("time")) + " · " + visit.text("失效 ", "expires ") +
            value_html(visit, "expires", row.text_of("expires")) + " · " +
            value_html(visit, "role", row.text_of("role")) + "</p><p class=\"actions\">";
    if (is_mine && !is_own) text += verb_link(visit, "approve", number, visit.pick("批准…", "Approve…"));
    if (is_mine || is_own)
      text += verb_link(visit, "refuse", number + " --reason ",
                        visit.pick(is_own ? "撤回…" : "拒绝…", is_own ? "Take back…" : "Refuse…"));
    if (is_own) text += "<small>" + visit.text("须由另一人批准", "another person approves it") + "</small>";
    if (!is_own && !is_mine)
      text += "<small>" + visit.text("由该角色的管理员决定", "for an administrator of that role") + "</small>";
    text += "</p></article>\n";
  }
  return text;
}

// What can be done about single rows: the verb, with the row's own words.
struct RowAction {
  std::string_view source;
  std::string_view state;  // of the rows it is for; empty: any
  std::string_view verb;
  std::vector<std::string_view> columns;
};

const std::vector<RowAction>& row_actions() {
  static const std::vector<RowAction> actions = {
      {"streams", "halted", "resume", {"agent", "topic"}},
      {"streams", "epoch waits", "approve-epoch", {"agent", "topic"}},
      {"agent list", "waits", "agent approve", {"agent"}},
      {"agent list", "active", "agent disable", {"agent"}},
      {"agent list", "disabled", "agent enable", {"agent"}},
      {"account list", "locked", "account unlock", {"name"}},
      {"account list", "disabled", "account enable", {"name"}},
      {"access list --open", "", "access show", {"id"}},
      {"access list --open", "", "access approve", {"id"}},
      {"access list --open", "", "access refuse", {"id"}},
  };
  return actions;
}

std::string row_actions_html(const Visit& visit, std::string_view source, const JsonNode& rows) {
  std::string text;
  for (const JsonNode& row : rows.items) {
    std::string links;
    std::string words;
    for (const RowAction& action : row_actions()) {
      if (action.source != source || (!action.state.empty() && action.state != row.text_of("state"))) continue;
      words.clear();
      for (const std::string_view column : action.columns) words += (words.empty() ? "" : " ") + row.text_of(column);
      const VerbInfo* verb = verb_named(visit.desk, action.verb);
      if (verb != nullptr) links += verb_link(visit, verb->name, words, visit.pick(verb->zh, verb->en));
    }
    if (!links.empty()) text += "<p class=\"actions\"><bdi>" + escaped(words) + "</bdi>" + links + "</p>\n";
  }
  return text;
}

std::string source_html(const Visit& visit, std::string_view source) {
  const std::string answer = read_source(visit, source);
  const auto rows = json_from(answer);
  if (source == "pending" && rows) return pending_html(visit, *rows);
  return answer_html(visit, answer) + (rows ? row_actions_html(visit, source, *rows) : "");
}

// Links to the verbs that belong to a view.
std::string actions_html(const Visit& visit, const View& view) {
  std::string text;
  for (const VerbInfo& verb : visit.desk.verbs) {
    const std::string_view first = std::string_view(verb.name).substr(0, verb.name.find(' '));
    const bool belongs = std::find(view.verbs.begin(), view.verbs.end(), first) != view.verbs.end();
    const bool is_source = std::any_of(view.sources.begin(), view.sources.end(),
                                       [&](std::string_view source) { return verb_of(visit, source) == &verb; });
    if (belongs && !is_source) text += verb_link(visit, verb.name, "", visit.pick(verb.zh, verb.en));
  }
  return text.empty() ? text : "<p class=\"actions\">" + text + "</p>\n";
}

std::string figures_html(const Visit& visit, const JsonNode& overview) {
  struct Figure {
    std::string_view member;
    std::string_view zh;
    std::string_view en;
    std::string_view path;
  };
  static constexpr Figure figures[] = {
      {"departments", "部门", "Departments", "/departments"}, {"agents", "前置", "Agents", "/agents"},
      {"agents_connected", "已连接", "Connected", "/agents"}, {"topics", "主题", "Topics", "/topics"},
      {"streams", "数据流", "Streams", "/streams"},           {"grants", "授权", "Grants", "/grants"}};
  std::string text = "<ul class=\"figures\">";
  for (const Figure& figure : figures)
    text += "<li><a href=\"" + std::string(figure.path) + "\"><b>" + escaped(overview.text_of(figure.member)) +
            "</b> <span>" + visit.text(figure.zh, figure.en) + "</span></a></li>";
  return text + "</ul>\n<dl><div><dt>" + visit.text("目录版本", "Directory") + "</dt><dd>" +
         escaped(overview.text_of("directory_version")) + "</dd></div><div><dt>" +
         visit.text("目录有效期至", "Directory valid until") + "</dt><dd>" +
         value_html(visit, "", overview.text_of("directory_expires")) + "</dd></div><div><dt>" +
         visit.text("中心证书到期", "Hub's certificate ends") + "</dt><dd>" +
         value_html(visit, "", overview.text_of("certificate_ends")) + "</dd></div><div><dt>" +
         visit.text("启动于", "Started") + "</dt><dd>" + value_html(visit, "", overview.text_of("started")) +
         "</dd></div></dl>\n";
}

std::string verdict_html(const Visit& visit, const JsonNode& findings) {
  std::size_t failed = 0;
  for (const JsonNode& finding : findings.items) failed += finding.text_of("level") == "fail" ? 1 : 0;
  constexpr std::string_view told = "id=\"verdict\" aria-live=\"polite\"";
  if (findings.items.empty())
    return html::verdict("ok", visit.text("正常", "In order"),
                         visit.text("没有需要您处理的事项。", "Nothing needs you now."), {}, told);
  const bool fails = failed != 0;
  const std::string count = std::to_string(findings.items.size());
  return html::verdict(fails ? "fail" : "warn", fails ? visit.text("故障", "Failed") : visit.text("注意", "Attention"),
                       visit.text(count + " 项需要处理，最要紧的在前。",
                                  count + (findings.items.size() == 1 ? " thing needs" : " things need") +
                                      " somebody, the most urgent first."),
                       {}, told);
}

// "resume commerce-01 firms" as a link to the form of its verb.
std::string next_link(const Visit& visit, const std::string& next) {
  const VerbInfo* verb = next.empty() ? nullptr : verb_of(visit, next);
  if (verb == nullptr) return {};
  const std::string words = next.size() > verb->name.size() ? next.substr(verb->name.size() + 1) : "";
  const std::string link = verb_link(visit, verb->name, words, visit.pick(verb->zh, verb->en));
  return link.empty() ? "<small>" + visit.text("由", "for the ") +
                            visit.text(accounts::title_zh(verb->role), accounts::name_of(verb->role)) +
                            visit.text("处理", " administrator") + "</small>"
                      : link;
}

// A name, or what the view is called for what has none.
std::string subject_html(const Visit& visit, const JsonNode& finding) {
  const std::string subject = finding.text_of("subject");
  if (subject == "hub") return visit.text("交换中心", "Hub");
  if (subject == "directory") return visit.text("目录", "Directory");
  if (subject == "access") return visit.text("申请与异议", "Requests");
  if (subject == "pending") return visit.text("待批准", "Approvals");
  return "<bdi>" + escaped(subject) + "</bdi>";
}

std::string findings_html(const Visit& visit, const JsonNode& findings) {
  std::string text;
  for (const JsonNode& finding : findings.items) {
    const bool fails = finding.text_of("level") == "fail";
    const std::string view = "/" + finding.text_of("view");
    const bool has_view = std::any_of(all_views().begin(), all_views().end(),
                                      [&](const View& known) { return known.path == view && is_shown(visit, known); });
    const std::string subject = subject_html(visit, finding);
    text += "<li class=\"" + std::string(fails ? "fail" : "warn") +
            "\"><span class=\"state\"><span aria-hidden=\"true\">" +
            (fails ? "✕</span> " + visit.text("故障", "Failed") : "▲</span> " + visit.text("注意", "Attention")) +
            "</span> " + (has_view ? "<a href=\"" + view + "\">" + subject + "</a>" : "<b>" + subject + "</b>") + " " +
            escaped(finding.text_of(visit.text("zh", "en"))) +
            (finding.text_of("code").empty() ? "" : " <code>" + escaped(finding.text_of("code")) + "</code>") + " " +
            next_link(visit, finding.text_of("next")) + "</li>\n";
  }
  return text.empty() ? text : "<ul class=\"findings\" id=\"findings\">" + text + "</ul>\n";
}

}  // namespace

const std::vector<View>& all_views() {
  static const std::vector<View> views = {
      {"/", "总览", "Overview", {"overview"}},
      {"/pending", "待批准", "Approvals", {"pending", "access list --open"}, Role::anyone, {"access", "policy"}},
      {"/departments", "部门", "Departments", {"department list"}, Role::anyone, {"department"}},
      {"/agents", "前置", "Agents", {"agents", "agent list"}, Role::anyone, {"agent", "key"}},
      {"/topics", "主题", "Topics", {"freshness"}, Role::anyone, {"topic", "topics", "catalogue", "code-table"}},
      {"/streams", "数据流", "Streams", {"streams"}, Role::anyone, {"resume", "approve-epoch", "trim"}},
      {"/grants", "授权", "Grants", {"grant list", "provision list"}, Role::anyone, {"grant", "provision"}},
      {"/objections",
       "数据校核",
       "Objections",
       {"objection list --open", "objection statistics"},
       Role::anyone,
       {"objection"}},
      {"/traffic", "流量", "Traffic", {"ledger --by day", "ledger --by topic"}, Role::anyone, {"ledger", "report"}},
      {"/certificates",
       "证书",
       "Certificates",
       {"certificate list", "directory-key status"},
       Role::anyone,
       {"directory-key"}},
      {"/accounts", "账户", "Accounts", {"account list", "policy show"}, Role::anyone, {"account", "policy"}},
      {"/audit", "审计", "Audit", {"audit --limit 200"}, Role::audit, {"audit", "evidence", "report"}},
      {"/system", "系统", "System", {"status"}, Role::anyone, {"backup", "recover", "policy"}},
      {"/verbs", "全部操作", "All actions", {}},
  };
  return views;
}

bool is_shown(const Visit& visit, const View& view) {
  if (view.role != Role::anyone && view.role != visit.visitor->account.role) return false;
  return view.sources.empty() || std::any_of(view.sources.begin(), view.sources.end(), [&](std::string_view source) {
           const VerbInfo* verb = verb_of(visit, source);
           return verb != nullptr && may_read(visit, *verb);
         });
}

Reply view_page(Visit& visit, const View& view) {
  if (!is_shown(visit, view)) {
    const Error refused(ErrorKind::rejected, "QZ-HUB-270", "");
    visit.registry.note({{audit::ActorKind::operator_, visit.visitor->account.name},
                         "page.refused",
                         std::string(view.path),
                         refused.code()});
    return framed(visit, visit.pick(view.zh, view.en), "", error_html(visit, refused), 403);
  }
  std::string content = actions_html(visit, view);
  for (const std::string_view source : view.sources) {
    const VerbInfo* verb = verb_of(visit, source);
    if (verb == nullptr || !may_read(visit, *verb)) continue;
    content += "<section><h2>" + escaped(visit.pick(verb->zh, verb->en)) + "</h2>\n" + source_html(visit, source) +
               "</section>\n";
  }
  return framed(visit, visit.pick(view.zh, view.en), view.path, content);
}

Reply overview_page(Visit& visit) {
  const std::string answer = read_source(visit, "overview");
  const auto overview = json_from(answer);
  const JsonNode* findings = overview ? overview->find("findings") : nullptr;
  if (findings == nullptr) return framed(visit, visit.pick("总览", "Overview"), "/", answer_html(visit, answer));
  return framed(visit, visit.pick("总览", "Overview"), "/",
                verdict_html(visit, *findings) + findings_html(visit, *findings) + figures_html(visit, *overview));
}

Reply page_reply(Visit& visit) {
  const std::string& path = visit.request.path;
  if (path == "/sign-in") return visit.visitor ? web::redirect_to("/") : sign_in_page(visit, nullptr);
  if (!visit.visitor)
    return web::redirect_to(visit.request.cookie(session_cookie).empty() ? "/sign-in" : "/sign-in?ended=1");
  if (path == "/account") return account_page(visit, nullptr);
  if (!visit.visitor->is_complete) return web::redirect_to("/account");
  visit.registry.note({{audit::ActorKind::operator_, visit.visitor->account.name}, "page.view", path, ""});
  if (path == "/") return overview_page(visit);
  if (path == "/verbs") return verbs_page(visit);
  if (path.compare(0, 6, "/verb/") == 0) return verb_page(visit);
  for (const View& view : all_views())
    if (path == view.path) return view_page(visit, view);
  return not_found_page(visit);
}

}  // namespace qianzhi::admin
