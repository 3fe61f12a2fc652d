#include "agent/config/difference.h"

#include <algorithm>
#include <map>
#include <set>

namespace qianzhi::config {

namespace {

bool begins(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

// "publications[x].items.a" is of the entry "publications[x]", "sources.a.type" of "sources.a"; else empty.
std::string owner_of(const std::string& path) {
  for (const char* list : {"publications[", "subscriptions[", "answers[", "tests["})
    if (begins(path, list)) return path.substr(0, path.find(']') + 1);
  for (const char* map : {"sources.", "targets."})
    if (begins(path, map)) return path.substr(0, path.find('.', std::string_view(map).size()));
  return {};
}

// "publications[x].items.a" is about "items".
std::string part_of(const std::string& path) {
  const std::size_t end = path.find(']');
  if (end == std::string::npos || end + 2 > path.size()) return {};
  const std::string rest = path.substr(end + 2);
  return rest.substr(0, rest.find_first_of(".["));
}

Effect effect_of(const std::string& path) {
  if (path == "queue.path" || begins(path, "status.")) return Effect::program;
  const std::string part = part_of(path);
  if (begins(path, "publications[")) {
    if (part == "table" || part == "items" || part == "where") return Effect::refill;
    if (part == "area") return Effect::area;
    if (part == "source" || part == "watermark") return Effect::restart;
  }
  if (begins(path, "subscriptions[") && (part == "target" || part == "table" || part == "rename" || part == "apply"))
    return Effect::plan;
  if (begins(path, "sources.") || begins(path, "targets.") || path == "adapters") return Effect::restart;
  return Effect::at_once;
}

// A whole entry that came or went. Sources and targets do nothing by themselves.
Effect effect_of_entry(const std::string& entry, bool came) {
  if (begins(entry, "tests[")) return Effect::at_once;
  if (begins(entry, "sources.") || begins(entry, "targets.")) return Effect::restart;
  return came ? Effect::begin : Effect::end;
}

std::set<std::string> entries_of(const std::vector<yaml::Setting>& settings) {
  std::set<std::string> entries;
  for (const yaml::Setting& setting : settings) entries.insert(owner_of(setting.path));
  return entries;
}

class Comparison {
 public:
  Comparison(const std::vector<yaml::Setting>& before, const std::vector<yaml::Setting>& after)
      : old_entries_(entries_of(before)), new_entries_(entries_of(after)) {
    for (const yaml::Setting& setting : before) old_[setting.path] = setting.value;
    for (const yaml::Setting& setting : after) look(setting);
    for (const yaml::Setting& setting : before) look_back(setting);
  }

  std::vector<Change> changes;

 private:
  void look(const yaml::Setting& setting) {
    now_.insert(setting.path);
    const std::string entry = owner_of(setting.path);
    if (old_entries_.count(entry) == 0) {
      if (told_.insert(entry).second) changes.push_back({entry, {}, {}, setting.line, effect_of_entry(entry, true)});
      return;
    }
    const auto found = old_.find(setting.path);
    if (found != old_.end() && found->second == setting.value) return;
    changes.push_back({setting.path, found == old_.end() ? std::string() : found->second, setting.value, setting.line,
                       effect_of(setting.path)});
  }

  void look_back(const yaml::Setting& setting) {
    const std::string entry = owner_of(setting.path);
    if (new_entries_.count(entry) == 0) {
      if (told_.insert(entry).second) changes.push_back({entry, {}, {}, 0, effect_of_entry(entry, false)});
    } else if (now_.count(setting.path) == 0) {
      changes.push_back({setting.path, setting.value, {}, 0, effect_of(setting.path)});
    }
  }

  std::map<std::string, std::string> old_;
  std::set<std::string> old_entries_;
  std::set<std::string> new_entries_;
  std::set<std::string> now_;
  std::set<std::string> told_;
};

struct EffectText {
  Effect effect;
  std::string_view name;
  std::string_view text;
};

constexpr EffectText effect_texts[] = {
    {Effect::at_once, "at_once", "立即生效，不补传 / holds at once, nothing is sent again"},
    {Effect::restart, "restart", "适配器重新启动 / its adapter is started anew"},
    {Effect::refill, "refill", "整体补传 / every row is read and sent again"},
    {Effect::area, "area", "增加或减少的区划补传或收回 / rows of areas that came or went are sent or taken back"},
    {Effect::begin, "begin", "新增，从全部数据开始 / new, begins with all its rows"},
    {Effect::end, "end", "停止，已收到的数据不删除 / ends; what was received stays"},
    {Effect::plan, "plan",
     "先由 DBA 执行 qianzhi plan 打印的脚本 / first the DBA runs what qianzhi plan prints: the table must fit"},
    {Effect::program, "program",
     "须重新启动程序，重新加载会被拒绝 / needs a restart of the program; a reload is refused"},
};

}  // namespace

std::vector<Change> difference(const std::vector<yaml::Setting>& before, const std::vector<yaml::Setting>& after) {
  return std::move(Comparison(before, after).changes);
}

std::string_view name_of(Effect effect) {
  const auto* found = std::find_if(std::begin(effect_texts), std::end(effect_texts),
                                   [&](const EffectText& one) { return one.effect == effect; });
  return found->name;
}

std::string_view text_of(Effect effect) {
  const auto* found = std::find_if(std::begin(effect_texts), std::end(effect_texts),
                                   [&](const EffectText& one) { return one.effect == effect; });
  return found->text;
}

}  // namespace qianzhi::config
