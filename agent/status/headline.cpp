#include "agent/status/headline.h"

#include <algorithm>

#include "agent/status/path.h"

namespace qianzhi::status {

namespace {

constexpr Micros quiet = 86'400'000'000;

StateWord troubled(const Snapshot& snapshot, const std::vector<Finding>& findings) {
  const auto is_worst = [](const Finding& finding) { return finding.level != flow::NoticeLevel::info; };
  if (std::any_of(snapshot.stages.begin(), snapshot.stages.end(),
                  [](const flow::StageStatus& stage) { return stage.error_kind == "unavailable"; }))
    return {"retrying", "warn", "↻", "重试中", "Retrying"};
  if (std::none_of(findings.begin(), findings.end(), is_worst) && snapshot.quarantined != 0)
    return {"quarantine", "warn", "▲", "有隔离", "Quarantine"};
  return {"attention", "warn", "▲", "注意", "Attention"};
}

bool is_paused(const Snapshot& snapshot, const std::vector<Finding>& findings) {
  const bool is_full = std::any_of(snapshot.stages.begin(), snapshot.stages.end(),
                                   [](const flow::StageStatus& s) { return s.error_code == "QZ-AGT-020"; });
  return is_full && std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
           return finding.level == flow::NoticeLevel::error && finding.code != "QZ-AGT-020";
         });
}

}  // namespace

StateWord headline_of(const Snapshot& snapshot, const std::vector<Finding>& findings) {
  switch (snapshot.verdict) {
    case Verdict::not_configured: return {"not_configured", "wait", "○", "未配置", "Not configured"};
    case Verdict::not_enrolled: return {"not_enrolled", "wait", "○", "未登记", "Not enrolled"};
    case Verdict::starting: return {"starting", "busy", "◔", "启动中", "Starting"};
    case Verdict::failed:
      if (is_paused(snapshot, findings)) return {"paused", "warn", "❚❚", "已暂停", "Paused"};
      return {"failed", "fail", "✕", "故障", "Failed"};
    case Verdict::attention: return troubled(snapshot, findings);
    case Verdict::well: break;
  }
  const Totals totals = totals_of(snapshot);
  if (totals.is_refilling) return {"snapshot", "busy", "◔", "整体传送中", "Sending tables whole"};
  if (totals.waiting_rows != 0 || totals.lanes_behind != 0)
    return {"catching_up", "busy", "▶", "追赶中", "Catching up"};
  if (std::max(totals.last_change, totals.applied) < snapshot.time - quiet) return {"idle", "ok", "●", "空闲", "Idle"};
  return {"in_sync", "ok", "●", "正常", "In order"};
}

std::string cause_of(const Snapshot& snapshot, const std::vector<Finding>& findings) {
  if (!findings.empty() && findings.front().level != flow::NoticeLevel::info) return findings.front().code;
  return snapshot.quarantine.empty() ? std::string() : snapshot.quarantine.front().code;
}

}  // namespace qianzhi::status
