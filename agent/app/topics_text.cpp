#include "agent/app/topics_text.h"

#include "agent/app/topics_view.h"

namespace qianzhi::app {

namespace {

std::string both(const std::string& zh, const std::string& en) { return en.empty() ? zh : zh + " / " + en; }

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

void line(std::string& text, std::string_view name, const std::string& value) {
  if (!value.empty()) text += std::string(name) + ": " + value + "\n";
}

std::size_t granted_items(const TopicView& view) {
  std::size_t count = 0;
  for (const ItemView& item : view.items) count += item.granted == Granted::none ? 0 : 1;
  return count;
}

std::string standing_of(const TopicView& view) {
  if (!view.provided.is_empty()) return "本部门提供 provided here";
  if (view.granted.is_empty()) return "未授权 not granted";
  return "已授权 granted " + std::to_string(granted_items(view)) + "/" + std::to_string(view.items.size()) +
         " 项 items" + (view.granted.is_every() ? "" : "，分区 groups " + qianzhi::to_text(view.granted));
}

std::string short_text(const TopicView& view) {
  const Topic& topic = *view.topic;
  std::string text = topic.id + "  " + both(topic.title, topic.title_en) + "\n    " + view.provider + " · " +
                     std::string(title_of(topic.sharing)) + " · " + standing_of(view) + "\n";
  if (view.matched.empty()) return text;
  std::vector<std::string> names;
  for (const Item* item : view.matched) names.push_back(item->title + " " + item->id);
  return text + "    数据项 items: " + joined(names, ", ") + "\n";
}

std::string grant_text(const Grant& grant) {
  std::string text = "  - " + grant.id + ": 分区 groups " + qianzhi::to_text(grant.groups) + "，数据项 items " +
                     (grant.items.empty() ? std::string("*") : std::to_string(grant.items.size()));
  if (!grant.purpose.empty()) text += "，用途 purpose " + grant.purpose;
  if (!grant.basis.empty()) text += "，依据 basis " + grant.basis;
  if (grant.not_after != 0) text += "，到期 until " + qianzhi::to_text(grant.not_after);
  return text + "\n";
}

std::string item_text(const TopicView& view, const ItemView& one, bool provided) {
  const Item& item = *one.item;
  static constexpr std::string_view marks[] = {"✕ ", "◐ ", "✓ "};
  std::string text = "  " + std::string(provided ? "" : marks[static_cast<std::size_t>(one.granted)]) + item.id + "  " +
                     both(item.title, item.title_en) + "  " + type_text(item);
  if (view.topic->is_key(item.id)) text += "  主键 key";
  if (item.required && !view.topic->is_key(item.id)) text += "  必填 required";
  if (view.topic->partition == item.id) text += "  分区 partition";
  if (item.personal) text += "  个人信息 personal";
  if (item.check != CheckRule::none) text += "  校验 check " + std::string(name_of(item.check));
  if (one.codes != nullptr)
    text += "  代码表 codes " + one.codes->title + (one.codes->edition.empty() ? "" : " " + one.codes->edition) + " (" +
            std::to_string(one.codes->entries.size()) + (one.codes->partial ? "+" : "") + ")";
  return text + "\n";
}

// What to type to get what is not granted yet.
std::string request_hint(const TopicView& view) {
  const Topic& topic = *view.topic;
  if (topic.sharing == Sharing::none)
    return "\n不予共享的主题不能申请 / a topic that is not shared cannot be requested\n";
  std::vector<std::string> missing;
  for (const ItemView& item : view.items)
    if (item.granted != Granted::all_groups) missing.push_back(item.item->id);
  if (missing.empty()) return {};
  const bool all = missing.size() == view.items.size();
  const std::string purpose = topic.purposes.empty() ? "用途" : topic.purposes.front();
  return "\n申请 to request: qianzhi request-access " + topic.id + (all ? "" : " --items " + joined(missing, ",")) +
         " --purpose " + purpose + " --basis 依据\n";
}

std::string own_part(const TopicView& view, const TopicsQuestion& question) {
  const AgentEntry* own = question.directory.agent(question.agent);
  std::string text = "\n本部门 own department: " + (own == nullptr ? question.agent : own->department) + " · " +
                     standing_of(view) + "\n";
  for (const Grant* grant : view.grants) text += grant_text(*grant);
  return text;
}

std::string long_text(const TopicView& view, const TopicsQuestion& question) {
  const Topic& topic = *view.topic;
  std::string text = topic.id + "  " + both(topic.title, topic.title_en) + "\n";
  line(text, "说明 summary", topic.summary);
  line(text, "目录代码 code", topic.code);
  line(text, "提供部门 provider", view.provider);
  line(text, "提供代理 agents", joined(view.agents, ", "));
  line(text, "联系方式 contact", topic.contact);
  line(text, "共享类型 sharing", std::string(title_of(topic.sharing)));
  line(text, "法律依据 basis", topic.basis);
  line(text, "共享条件 conditions", topic.conditions);
  line(text, "限定用途 purposes", joined(topic.purposes, "、"));
  line(text, "可否公开 may be published", topic.publishable ? "是 yes" : "否 no");
  line(text, "数据分级 grade", std::string(title_of(topic.grade)));
  line(text, "更新周期 update cycle", cycle_text(topic.update_cycle));
  line(text, "方式 mode",
       topic.mode == TopicMode::answer  ? "answer 按请求答复 / answered when asked"
       : topic.mode == TopicMode::state ? "state 每个主键一行 / one row a key"
                                        : "event 只增加 / rows accumulate");
  line(text, "主键 key", joined(topic.key, ", "));
  line(text, "分区 partition", topic.partition);
  text += own_part(view, question);
  const bool provided = !view.provided.is_empty();
  text += "\n数据项 items" +
          std::string(provided ? "" : "（✓ 已授权 granted  ◐ 部分分区 some groups  ✕ 未授权 not granted）") + ":\n";
  for (const ItemView& item : view.items) text += item_text(view, item, provided);
  return text + (provided ? "" : request_hint(view));
}

}  // namespace

std::string topics_text(const TopicsQuestion& question) {
  const Directory& directory = question.directory;
  const std::vector<TopicView> views = look_up(question);
  std::string text;
  if (views.size() == 1 && (views[0].topic->id == question.words || views[0].matched.empty()))
    text = long_text(views[0], question);
  else
    for (const TopicView& view : views) text += short_text(view);
  text += "\n目录版本 catalogue version " + std::to_string(directory.catalogue.version) + "，主题 topics " +
          std::to_string(views.size()) + "/" + std::to_string(directory.catalogue.topics.size()) + "\n";
  if (directory.expires != 0 && question.now >= directory.expires)
    text += "目录已过期，可能不是最新 / the directory has expired and may be out of date: " +
            qianzhi::to_text(directory.expires) + "\n";
  return text;
}

}  // namespace qianzhi::app
