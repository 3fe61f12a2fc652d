#include "agent/status/findings.h"

#include <algorithm>

namespace qianzhi::status {

namespace {

void add(std::vector<Finding>& findings, flow::NoticeLevel level, const std::string& code, Finding::Place place) {
  const auto same = std::find_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.code == code; });
  if (same == findings.end()) {
    findings.push_back({level, code, {std::move(place)}});
    return;
  }
  same->level = std::max(same->level, level);
  same->places.push_back(std::move(place));
}

// Failing stages are its consequence, whatever the hub calls its refusal.
bool is_root(const Finding& finding) { return finding.code == "QZ-AGT-125"; }

bool comes_before(const Finding& a, const Finding& b) {
  return a.level != b.level ? a.level > b.level : is_root(a) && !is_root(b);
}

}  // namespace

std::vector<Finding> findings_of(const Snapshot& snapshot) {
  std::vector<Finding> findings;
  for (const flow::StageStatus& stage : snapshot.stages)
    if (!stage.error_code.empty())
      add(findings, stage.error_kind == "unavailable" ? flow::NoticeLevel::warning : flow::NoticeLevel::error,
          stage.error_code, {stage.name, stage.error_detail, stage.error_since});
  for (const flow::Notice& notice : snapshot.notices)
    add(findings, notice.level, notice.code, {notice.subject, notice.detail, 0});
  std::stable_sort(findings.begin(), findings.end(), comes_before);
  return findings;
}

}  // namespace qianzhi::status
