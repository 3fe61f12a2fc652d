// The words for the state of a part, the same on every page and in the data: an id for programs, and icon, word and
// colour together for people.
#pragma once

#include <string_view>

#include "agent/status/snapshot.h"

namespace qianzhi::status {

struct StateWord {
  std::string_view id;    // "in_order": never changes
  std::string_view kind;  // "ok", "busy", "wait", "warn", "fail", "unknown": its colour
  std::string_view icon;
  std::string_view zh;
  std::string_view en;
};

inline constexpr StateWord in_order{"in_order", "ok", "●", "正常", "in order"};
inline constexpr StateWord catching_up{"catching_up", "busy", "▶", "追赶中", "catching up"};
inline constexpr StateWord refilling{"refilling", "busy", "◔", "补传中", "refilling"};
inline constexpr StateWord awaiting{"waiting", "wait", "–", "等待", "waiting"};
inline constexpr StateWord awaits_refill{"awaits_refill", "wait", "–", "等待补传", "awaits refill"};
inline constexpr StateWord not_started{"not_started", "wait", "○", "未开始", "not started"};
inline constexpr StateWord no_data_yet{"no_data_yet", "wait", "○", "尚无数据", "no data yet"};
inline constexpr StateWord backlog{"backlog", "warn", "▲", "积压", "backlog"};
inline constexpr StateWord interrupted{"interrupted", "warn", "▲", "中断", "interrupted"};
inline constexpr StateWord stopped_in_part{"stopped_in_part", "warn", "▲", "部分停止", "partly stopped"};
inline constexpr StateWord no_grant{"no_grant", "warn", "▲", "没有授权", "no grant"};
inline constexpr StateWord stopped{"stopped", "fail", "✕", "已停止", "stopped"};
inline constexpr StateWord queue_full{"full", "fail", "✕", "已满", "full"};
inline constexpr StateWord broken{"failed", "fail", "✕", "故障", "failed"};
inline constexpr StateWord not_known{"unknown", "unknown", "?", "未知", "unknown"};

// What a stage that fails in this way is: away for a while, or broken.
StateWord word_of(const flow::StageStatus& failing);

StateWord state_of(const flow::StageStatus& stage);
StateWord state_of(const PublicationStatus& line);
StateWord state_of(const flow::LaneStatus& lane);

}  // namespace qianzhi::status
