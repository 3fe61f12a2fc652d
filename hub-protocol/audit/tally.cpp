#include "hub-protocol/audit/tally.h"

#include <algorithm>

namespace qianzhi::audit {

namespace {

constexpr char the_rest[] = "more";

}  // namespace

Entry Tally::fitting(const Entry& entry) {
  const auto key_of = [](const Entry& e) { return Key{e.actor.kind, e.actor.name, e.action, e.subject, e.outcome}; };
  if (lines_.count(key_of(entry)) != 0) return entry;
  std::size_t& own = of_actor_[{entry.actor.kind, entry.actor.name}];
  if (lines_.size() < limits_.all && own < limits_.per_actor) {
    ++own;
    return entry;
  }
  overflowed_ = true;
  const bool has_room = lines_.size() < limits_.all && own == limits_.per_actor;
  if (own == 0) of_actor_.erase({entry.actor.kind, entry.actor.name});
  Entry of_actor{entry.actor, the_rest, "", ""};
  if (has_room || lines_.count(key_of(of_actor)) != 0) return of_actor;
  return {{entry.actor.kind, ""}, the_rest, "", ""};
}

void Tally::add(const Entry& entry, Micros now, Micros steady) {
  const std::lock_guard guard(lock_);
  if (lines_.empty()) begun_ = steady;
  Entry kept = fitting(entry);
  Line& line = lines_[{kept.actor.kind, kept.actor.name, kept.action, kept.subject, kept.outcome}];
  if (line.count++ == 0) {
    line.entry = std::move(kept);
    line.first = now;
  }
  line.last = now;
}

std::vector<Entry> Tally::take(Micros steady, bool everything) {
  const std::lock_guard guard(lock_);
  std::vector<Entry> entries;
  if (lines_.empty() || (!everything && steady - begun_ < window_)) return entries;
  std::vector<const Line*> in_order;
  for (const auto& [key, line] : lines_) in_order.push_back(&line);
  std::stable_sort(in_order.begin(), in_order.end(), [](const Line* a, const Line* b) { return a->first < b->first; });
  for (const Line* line : in_order) {
    entries.push_back(line->entry);
    auto& details = entries.back().details;
    if (line->count > 1) details.emplace_back("count", std::to_string(line->count));
    details.emplace_back("first", to_text(line->first));
    if (line->count > 1) details.emplace_back("last", to_text(line->last));
  }
  window_ = overflowed_ ? std::min(window_ * 2, limits_.longest) : limits_.window;
  overflowed_ = false;
  lines_.clear();
  of_actor_.clear();
  return entries;
}

}  // namespace qianzhi::audit
