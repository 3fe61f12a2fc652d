#include "agent/status/page_server.h"
#include "hub-protocol/base/codes.h"

namespace qianzhi::status {

namespace {

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '&': safe += "&amp;"; break;
      case '"': safe += "&quot;"; break;
      default: safe += c;
    }
  }
  return safe;
}

std::string cell(std::string_view text) { return "<td>" + escaped(text) + "</td>"; }
std::string cell(std::uint64_t number) { return "<td class=n>" + std::to_string(number) + "</td>"; }

std::string heading(std::initializer_list<const char*> names) {
  std::string row = "<tr>";
  for (const char* name : names) row += std::string("<th>") + name + "</th>";
  return row + "</tr>";
}

std::string sentence(Verdict verdict) {
  switch (verdict) {
    case Verdict::well: return "正常 · In order";
    case Verdict::starting: return "启动中：等待交换中心的目录 · Starting: waiting for the hub's directory";
    case Verdict::attention: return "注意：见下方说明 · Attention: see below";
    case Verdict::failed: return "故障：见下方说明 · Failed: see below";
  }
  return {};
}

std::string finding(const std::string& code, const std::string& subject, const std::string& detail) {
  std::string text = "<li><b>" + escaped(code) + "</b> " + escaped(subject) + ": " + escaped(detail);
  if (const auto explanation = explain(code))
    text += "<br>" + escaped(explanation->title_zh) + " → " + escaped(explanation->next_zh) + "<br>" +
            escaped(explanation->title_en) + " → " + escaped(explanation->next_en);
  return text + "</li>";
}

std::string findings(const Snapshot& snapshot) {
  std::string text;
  for (const flow::StageStatus& stage : snapshot.stages)
    if (!stage.error_code.empty()) text += finding(stage.error_code, stage.name, stage.error_detail);
  for (const flow::Notice& notice : snapshot.notices) text += finding(notice.code, notice.subject, notice.detail);
  return text.empty() ? text : "<h2>需要知道的 · To know</h2><ul>" + text + "</ul>";
}

std::string publications(const Snapshot& snapshot) {
  if (snapshot.publications.empty()) return {};
  std::string text = "<h2>提供 · Provided</h2><table>" +
                     heading({"主题 topic", "表 table", "变更 changes", "补传 refilled", "已回执 receipted to",
                              "最新 last", "等待行 waiting", "隔离 set aside", "状态 state"});
  for (const PublicationStatus& line : snapshot.publications)
    text += "<tr>" + cell(line.title + " " + line.topic) + cell(line.table) + cell(line.sealed_rows) +
            cell(line.refilled_rows) + cell(line.receipted) + cell(line.last) + cell(line.waiting_rows) +
            cell(line.quarantined) +
            cell(!line.code.empty()    ? line.code
                 : line.refill.empty() ? "正常 in sync"
                                       : "补传中 refill " + line.refill) +
            "</tr>";
  return text + "</table>";
}

std::string lanes(const Snapshot& snapshot) {
  if (snapshot.lanes.empty()) return {};
  std::string text = "<h2>接收 · Received</h2><table>" +
                     heading({"主题 topic", "来自 from", "已应用到 applied to", "交换中心 hub", "写入 upserted",
                              "删除 removed", "隔离 set aside", "授权 granted", "完整 complete", "状态 state"});
  for (const flow::LaneStatus& lane : snapshot.lanes)
    text += "<tr>" + cell(lane.topic) + cell(lane.origin) + cell(qianzhi::to_text(lane.mark)) +
            cell(qianzhi::to_text(lane.head)) + cell(lane.upserted) + cell(lane.removed) + cell(lane.quarantined) +
            cell(qianzhi::to_text(lane.granted)) + cell(qianzhi::to_text(lane.complete)) +
            cell(!lane.state_code.empty()             ? lane.state_code
                 : lane.complete.covers(lane.granted) ? "正常 in sync"
                                                      : "等待补传 waiting for refill") +
            "</tr>";
  return text + "</table>";
}

std::string quarantine(const Snapshot& snapshot) {
  if (snapshot.quarantine.empty()) return {};
  std::string text =
      "<h2>隔离区 · Quarantine (" + std::to_string(snapshot.quarantined) + ")</h2><table>" +
      heading({"编号 id", "环节 side", "主题 topic", "来自 from", "代码 code", "原因 reason", "首次 first seen"});
  for (const QuarantineLine& line : snapshot.quarantine)
    text += "<tr>" + cell(std::to_string(line.id)) + cell(line.side) + cell(line.topic) + cell(line.origin) +
            cell(line.code) + cell(line.detail) + cell(qianzhi::to_text(line.first_seen)) + "</tr>";
  return text + "</table>";
}

}  // namespace

std::string to_plain_html(const Snapshot& snapshot) {
  std::string text =
      "<!doctype html><html lang=zh-CN><head><meta charset=utf-8><meta http-equiv=refresh content=3>"
      "<title>" +
      escaped(snapshot.name) + " · Qianzhi</title><link rel=stylesheet href=/page.css></head><body>";
  text += "<h1>" + escaped(snapshot.name) + " <small>" + escaped(snapshot.agent) + " · " + escaped(snapshot.version) +
          " · " + escaped(qianzhi::to_text(snapshot.time)) + "</small></h1>";
  text += "<p class=" + std::string(name_of(snapshot.verdict)) + ">" + sentence(snapshot.verdict) + "</p>";
  text += "<p>交换中心 hub " + escaped(snapshot.hub_url) + " · 目录 directory " +
          std::to_string(snapshot.directory_version) + " · 队列 queue " + std::to_string(snapshot.queued_octets) +
          " B / " + (snapshot.queue_limit == 0 ? "∞" : std::to_string(snapshot.queue_limit) + " B") + "</p>";
  text += findings(snapshot) + publications(snapshot) + lanes(snapshot) + quarantine(snapshot);
  return text + "</body></html>\n";
}

std::string_view plain_style() {
  return "body{font:14px/1.5 'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei',sans-serif;margin:1.5em;"
         "color:#222;background:#fff}table{border-collapse:collapse}th,td{border:1px solid #ccc;padding:.25em .6em;"
         "text-align:left}td.n{text-align:right}h1 small{font-weight:normal;font-size:60%;color:#666}"
         "p.well,p.starting,p.attention,p.failed{font-size:120%;padding:.5em 1em;border-left:6px solid #2a7}"
         "p.attention,p.starting{border-color:#c80}p.failed{border-color:#c22}"
         "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}th,td{border-color:#444}}";
}

}  // namespace qianzhi::status
