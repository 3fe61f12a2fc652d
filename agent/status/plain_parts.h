// The parts of the page without JavaScript, from top to bottom. Each returns whole HTML elements, everything escaped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/status/findings.h"
#include "agent/status/page_text.h"
#include "agent/status/snapshot.h"

namespace qianzhi::status {

// A state is always told by icon, word and colour together.
struct StateWord {
  std::string_view kind;  // "ok", "busy", "wait", "warn", "fail", "unknown": its colour
  std::string_view icon;
  std::string_view zh;
  std::string_view en;
};

inline constexpr StateWord in_order{"ok", "●", "正常", "in order"};
inline constexpr StateWord catching_up{"busy", "▶", "追赶中", "catching up"};
inline constexpr StateWord refilling{"busy", "◔", "补传中", "refilling"};
inline constexpr StateWord awaiting{"wait", "–", "等待", "waiting"};
inline constexpr StateWord not_started{"wait", "○", "未开始", "not started"};
inline constexpr StateWord backlog{"warn", "▲", "积压", "backlog"};
inline constexpr StateWord interrupted{"warn", "▲", "中断", "interrupted"};
inline constexpr StateWord stopped_in_part{"warn", "▲", "部分停止", "partly stopped"};
inline constexpr StateWord broken{"fail", "✕", "故障", "failed"};
inline constexpr StateWord not_known{"unknown", "?", "未知", "unknown"};

// A name made of words joined by '_', '.' and '-': broken only there.
std::string name_html(std::string_view name);

std::string state_html(const StateWord& state, Language language);

// What a stage that fails in this way is: away for a while, or broken.
StateWord word_of(const flow::StageStatus& failing);

std::string verdict_html(const Snapshot& snapshot, const std::vector<Finding>& findings, Language language);
std::string findings_html(const Snapshot& snapshot, const std::vector<Finding>& findings, Language language);
std::string path_html(const Snapshot& snapshot, Language language);
std::string publications_html(const Snapshot& snapshot, Language language);
std::string lanes_html(const Snapshot& snapshot, Language language);
std::string quarantine_html(const Snapshot& snapshot, Language language);
std::string stages_html(const Snapshot& snapshot, Language language);

}  // namespace qianzhi::status
