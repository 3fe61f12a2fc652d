#include <time.h>

#include <array>
#include <cstdio>
#include <map>

#include "hub-protocol/admin/pages.h"

namespace qianzhi::admin {

namespace {

using html::escaped;

struct Word {
  std::string_view kind;  // colour: ok, busy, wait, warn, fail
  std::string_view icon;
  std::string_view zh;
  std::string_view en;
};

// What verbs answer in a column "state", "level" or "outcome".
const std::map<std::string_view, Word> state_words = {
    {"connected", {"ok", "●", "已连接", "connected"}},
    {"quiet", {"warn", "▲", "失去联系", "quiet"}},
    {"not seen", {"wait", "○", "尚未连接", "not seen"}},
    {"disabled", {"wait", "–", "已停用", "disabled"}},
    {"running", {"ok", "●", "正常", "running"}},
    {"halted", {"fail", "✕", "已中止", "halted"}},
    {"epoch waits", {"warn", "▲", "新纪元待批准", "epoch waits"}},
    {"fresh", {"ok", "●", "新鲜", "fresh"}},
    {"overdue", {"warn", "▲", "超过更新周期", "overdue"}},
    {"no data", {"wait", "○", "尚无数据", "no data"}},
    {"in force", {"ok", "●", "生效", "in force"}},
    {"expired", {"wait", "–", "已到期", "expired"}},
    {"active", {"ok", "●", "可用", "active"}},
    {"new", {"busy", "◔", "首次登录未完成", "first sign-in open"}},
    {"locked", {"warn", "▲", "已锁定", "locked"}},
    {"pending", {"busy", "◔", "等待批准", "pending"}},
    {"approved", {"ok", "●", "已批准", "approved"}},
    {"refused", {"wait", "–", "已拒绝", "refused"}},
    {"retired", {"wait", "–", "已退役", "retired"}},
    {"revoked", {"fail", "✕", "已吊销", "revoked"}},
    {"open", {"busy", "◔", "处理中", "open"}},
    {"waits_for_provider", {"busy", "◔", "等待提供方", "waits for the provider"}},
    {"waits_for_operator", {"warn", "▲", "等待中心", "waits for the exchange"}},
    {"granted", {"ok", "●", "已授权", "granted"}},
    {"accepted", {"busy", "◔", "已认可，等待更正", "accepted, correction awaited"}},
    {"corrected", {"ok", "●", "已更正", "corrected"}},
    {"withdrawn", {"wait", "–", "已撤回", "withdrawn"}},
    {"ended", {"wait", "–", "已终止", "ended"}},
    {"valid", {"ok", "●", "有效", "valid"}},
    {"ends soon", {"warn", "▲", "将要到期", "ends soon"}},
    {"urgent", {"fail", "✕", "即将到期", "urgent"}},
    {"has ended", {"fail", "✕", "已到期", "has ended"}},
    {"invited", {"busy", "◔", "等待注册", "invited"}},
    {"waits", {"warn", "▲", "等待第二位管理员", "waits for the second officer"}},
    {"hub.yaml", {"ok", "●", "可用（hub.yaml）", "active (hub.yaml)"}},
    {"hub.yaml, disabled", {"wait", "–", "已停用（hub.yaml）", "disabled (hub.yaml)"}},
};

struct Title {
  std::string_view zh;
  std::string_view en;
};

const std::map<std::string_view, Title> key_titles = {
    {"department", {"部门", "Department"}},
    {"title", {"名称", "Title"}},
    {"title_en", {"英文名称", "English title"}},
    {"agent", {"前置", "Agent"}},
    {"topic", {"主题", "Topic"}},
    {"state", {"状态", "State"}},
    {"seen", {"最近联系", "Last heard of"}},
    {"session", {"会话开始", "Session began"}},
    {"posted", {"最近发送", "Last sent"}},
    {"fetched", {"最近取数", "Last fetched"}},
    {"applied", {"最近写入回执", "Last applied"}},
    {"signing_keys", {"签名密钥", "Signing keys"}},
    {"tls_keys", {"连接密钥", "TLS keys"}},
    {"position", {"位置", "Position"}},
    {"secured", {"已备份至", "Secured through"}},
    {"batches", {"批次", "Batches"}},
    {"evidence", {"矛盾证据", "Evidence"}},
    {"newest", {"最新数据", "Newest data"}},
    {"update_cycle_hours", {"更新周期（小时）", "Update cycle (hours)"}},
    {"providers", {"提供方前置", "Providers"}},
    {"grant", {"授权", "Grant"}},
    {"items", {"数据项", "Items"}},
    {"groups", {"分区", "Groups"}},
    {"not_after", {"有效期至", "Valid until"}},
    {"purpose", {"用途", "Purpose"}},
    {"basis", {"依据", "Legal basis"}},
    {"number", {"编号", "Number"}},
    {"verb", {"操作", "Action"}},
    {"attachment_octets", {"附件字节", "Attachment octets"}},
    {"asked_by", {"提出人", "Asked by"}},
    {"role", {"角色", "Role"}},
    {"time", {"时间", "Time"}},
    {"expires", {"失效", "Expires"}},
    {"name", {"账户名", "Name"}},
    {"unix_user", {"系统用户", "User of the machine"}},
    {"second_factor", {"第二因素", "Second factor"}},
    {"signed_in", {"最近登录", "Last signed in"}},
    {"four_eyes", {"须两人的操作", "Needs two people"}},
    {"initial_password", {"初始密码（只显示一次）", "Initial password (told once)"}},
    {"pending", {"等待第二人批准，编号", "Waits for a second person, number"}},
    {"sequence", {"序号", "Sequence"}},
    {"actor", {"何人", "Who"}},
    {"actor_kind", {"身份", "Kind"}},
    {"action", {"操作", "Action"}},
    {"subject", {"对象", "Subject"}},
    {"outcome", {"结果", "Outcome"}},
    {"details", {"详情", "Details"}},
    {"day", {"日期", "Day"}},
    {"month", {"月份", "Month"}},
    {"sender", {"发送方", "Sender"}},
    {"receiver", {"接收方", "Receiver"}},
    {"accepted", {"接收记录数", "Accepted"}},
    {"delivered", {"送达记录数", "Delivered"}},
    {"reason", {"原因", "Reason"}},
    {"id", {"编号", "Id"}},
    {"enabled", {"启用", "Enabled"}},
    {"opened", {"提出", "Opened"}},
    {"deadline", {"答复期限", "Answer due"}},
    {"closed", {"结束", "Closed"}},
    {"overdue", {"逾期", "Overdue"}},
    {"contact", {"联系人", "Contact"}},
    {"person", {"经办人", "Person"}},
    {"until", {"有效期至", "Valid until"}},
    {"certificate_end", {"证书到期", "Certificate ends"}},
    {"version", {"版本", "Version"}},
    {"holder", {"持有者", "Holder"}},
    {"kind", {"种类", "Kind"}},
    {"ends", {"到期", "Ends"}},
    {"days", {"剩余天数", "Days left"}},
    {"renews", {"自动换发", "Renews itself"}},
    {"certificate_ends", {"证书到期", "Certificate ends"}},
    {"token_ends", {"注册码到期", "Token ends"}},
    {"added_by", {"登记人", "Added by"}},
    {"approved_by", {"批准人", "Approved by"}},
    {"present", {"现用密钥", "Present key"}},
    {"next", {"已预告的密钥", "Announced key"}},
    {"replacement", {"离线替换", "Replaced off line"}},
    {"algorithm", {"算法", "Algorithm"}},
    {"source", {"来源", "Source"}},
    {"request", {"申请", "Request"}},
};

// "2026-11-23T06:00:00.123456Z", to the second; nothing for another text.
std::optional<Micros> time_in(const std::string& value) {
  if (value.size() < 20 || value[10] != 'T' || value.back() != 'Z') return std::nullopt;
  tm parts{};
  const int found = std::sscanf(value.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
                                &parts.tm_hour, &parts.tm_min, &parts.tm_sec);
  if (found != 6) return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return static_cast<Micros>(timegm(&parts)) * 1'000'000;
}

bool is_number(const JsonNode& node) { return node.kind == JsonNode::Kind::number; }

// A cell that holds more than one value is told flat.
std::string flat(const JsonNode& node) {
  if (node.items.empty() && node.members.empty()) return node.value;
  std::string text;
  for (const JsonNode& item : node.items) text += (text.empty() ? "" : ", ") + flat(item);
  for (const auto& [name, item] : node.members) text += (text.empty() ? "" : ", ") + name + "=" + flat(item);
  return text;
}

std::string pairs_html(const Visit& visit, const JsonNode& object) {
  std::string text = "<dl class=\"pairs\">";
  for (const auto& [key, node] : object.members)
    text += "<div><dt>" + key_html(visit, key) + "</dt><dd>" + value_html(visit, key, flat(node)) + "</dd></div>";
  return text + "</dl>\n";
}

}  // namespace

std::string key_html(const Visit& visit, std::string_view key) {
  const auto found = key_titles.find(key);
  return found == key_titles.end() ? escaped(key) : visit.text(found->second.zh, found->second.en);
}

std::string value_html(const Visit& visit, std::string_view key, const std::string& value) {
  if (value.empty()) return "<span class=\"none\" title=\"" + visit.text("无", "none") + "\">–</span>";
  if (const auto time = time_in(value))
    return "<time datetime=\"" + escaped(value) + "\">" + html::local_text(*time) + "</time> <small>" +
           html::age_text(*time, visit.clock.now(), visit.language) + "</small>";
  if (key == "state" || key == "level") {
    const auto found = state_words.find(value);
    if (found != state_words.end())
      return "<span class=\"state " + std::string(found->second.kind) + "\"><span aria-hidden=\"true\">" +
             std::string(found->second.icon) + "</span> " + visit.text(found->second.zh, found->second.en) + "</span>";
  }
  if (key == "role") {
    for (const accounts::Role role : {accounts::Role::system, accounts::Role::security, accounts::Role::audit})
      if (value == accounts::name_of(role)) return visit.text(accounts::title_zh(role), accounts::name_of(role));
  }
  if (value == "true") return visit.text("是", "yes");
  if (value == "false") return visit.text("否", "no");
  if (key == "initial_password" || key == "token") return "<code class=\"secret\">" + escaped(value) + "</code>";
  return "<bdi>" + escaped(value) + "</bdi>";
}

std::string table_html(const Visit& visit, const JsonNode& rows) {
  if (rows.items.empty()) return "<p class=\"none\">" + visit.text("没有记录。", "Nothing here.") + "</p>\n";
  std::string text = "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"" + visit.text("表格", "Table") +
                     "\"><table><thead><tr>";
  for (const auto& [key, node] : rows.items.front().members)
    text +=
        "<th scope=\"col\"" + std::string(is_number(node) ? " class=\"n\"" : "") + ">" + key_html(visit, key) + "</th>";
  text += "</tr></thead><tbody>\n";
  for (const JsonNode& row : rows.items) {
    text += "<tr>";
    for (const auto& [key, first] : rows.items.front().members) {
      const JsonNode* node = row.find(key);
      const JsonNode none;
      const JsonNode& shown = node == nullptr ? none : *node;
      const std::string head = key_html(visit, key);
      text += std::string("<td") + (is_number(shown) ? " class=\"n\"" : "") +
              (head.find('<') == std::string::npos ? " data-label=\"" + head + "\"" : "") + "><div>" +
              value_html(visit, key, flat(shown)) + "</div></td>";
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string answer_html(const Visit& visit, const std::string& answer) {
  const auto json = json_from(answer);
  const bool is_list = json && json->kind == JsonNode::Kind::array;
  const bool is_rows = is_list && (json->items.empty() || json->items.front().kind == JsonNode::Kind::object);
  if (is_rows) return table_html(visit, *json);
  if (json && json->kind == JsonNode::Kind::object) return pairs_html(visit, *json);
  return "<pre>" + [&] {
    std::string text;
    for (std::size_t at = 0; at < answer.size();) {
      const std::size_t end = std::min(answer.find('\n', at), answer.size());
      text += escaped(std::string_view(answer).substr(at, end - at)) + "\n";
      at = end + 1;
    }
    return text;
  }() + "</pre>\n";
}

}  // namespace qianzhi::admin
