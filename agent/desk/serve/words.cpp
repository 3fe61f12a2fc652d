#include <array>

#include "agent/desk/serve/pages.h"

namespace qianzhi::desk::serve {

namespace {

using html::escaped;

struct Word {
  std::string_view name;
  std::string_view kind;  // colour: ok, busy, wait, warn, fail
  std::string_view icon;
  std::string_view zh;
  std::string_view en;
};

constexpr std::array<Word, 6> case_states{{{"open", "wait", "○", "新立案", "open"},
                                           {"assigned", "busy", "◔", "已分派", "assigned"},
                                           {"warned", "warn", "▲", "已预警", "warned"},
                                           {"urged", "warn", "▲", "已催办", "urged"},
                                           {"visited", "busy", "◑", "已上门", "visited"},
                                           {"closed", "ok", "●", "已结案", "closed"}}};

constexpr std::array<Word, 6> notice_states{{{"waiting", "busy", "◔", "等待发送", "waiting"},
                                             {"sending", "busy", "◔", "正在发送", "sending"},
                                             {"sent", "ok", "●", "已送达", "sent"},
                                             {"failed", "fail", "✕", "失败", "failed"},
                                             {"uncertain", "warn", "▲", "不能确定", "uncertain"},
                                             {"dropped", "wait", "–", "已取消", "dropped"}}};

struct Title {
  std::string_view name;
  std::string_view zh;
  std::string_view en;
};

constexpr std::array<Title, 14> step_titles{{{"opened", "立案", "opened"},
                                             {"assigned", "分派", "assigned"},
                                             {"noticed", "发出提醒", "noticed"},
                                             {"warned", "预警", "warned"},
                                             {"level", "级别变化", "level changed"},
                                             {"refreshed", "信息更新", "refreshed"},
                                             {"urged", "催办", "urged"},
                                             {"visited", "上门", "visited"},
                                             {"exempted", "免办", "exempted"},
                                             {"appealed", "申诉，复核案件", "appealed, second check"},
                                             {"reopened", "重新立案", "opened again"},
                                             {"given up", "终止", "given up"},
                                             {"note", "备注", "note"},
                                             {"person added", "增加当事人，共", "person added, now"}}};

// What findings hold most often; others show their name.
constexpr std::array<Title, 13> item_titles{{{"name", "名称", "name"},
                                             {"enterprise_name", "企业名称", "name"},
                                             {"registration_number", "注册号", "registration number"},
                                             {"organisation_code", "组织机构代码", "organisation code"},
                                             {"legal_representative", "法定代表人", "legal representative"},
                                             {"person", "负责人", "person in charge"},
                                             {"establishment_date", "成立日期", "established"},
                                             {"domicile", "住所", "domicile"},
                                             {"address", "地址", "address"},
                                             {"area_code", "区划", "area"},
                                             {"contact_phone", "联系电话", "telephone"},
                                             {"phone", "联系电话", "telephone"},
                                             {"category", "类别", "category"}}};

template <typename Words>
std::string state_of(const Visit& visit, const Words& words, std::string_view name) {
  for (const Word& word : words)
    if (word.name == name)
      return "<span class=\"state " + std::string(word.kind) + "\"><span aria-hidden=\"true\">" +
             std::string(word.icon) + "</span> " + visit.text(word.zh, word.en) + "</span>";
  return escaped(name);
}

template <typename Titles>
std::string title_of(const Visit& visit, const Titles& titles, std::string_view name) {
  for (const auto& title : titles)
    if (title.name == name) return visit.text(title.zh, title.en);
  return std::string(name);
}

}  // namespace

std::string state_html(const Visit& visit, std::string_view state) { return state_of(visit, case_states, state); }

std::string state_words(const Visit& visit, std::string_view state) { return title_of(visit, case_states, state); }

std::string notice_state_html(const Visit& visit, std::string_view state) {
  return state_of(visit, notice_states, state);
}

std::string outcome_words(const Visit& visit, const CaseRule* rule, std::string_view id) {
  const OutcomeKind* kind = rule == nullptr ? nullptr : rule->outcome(id);
  return kind == nullptr ? std::string(id) : visit.text(kind->title, kind->title_en);
}

std::string step_words(const Visit& visit, const CaseRule* rule, std::string_view what) {
  if (what == "closed") return visit.text("结案", "closed");
  const std::string title = title_of(visit, step_titles, what);
  return title == what ? outcome_words(visit, rule, what) : title;
}

std::string rule_words(const Visit& visit, std::string_view rule) {
  const auto found = visit.rooms.facts.rules.find(std::string(rule));
  if (found == visit.rooms.facts.rules.end()) return std::string(rule);
  return visit.is_english() ? found->second.second : found->second.first;
}

std::string item_words(const Visit& visit, std::string_view item) { return title_of(visit, item_titles, item); }

std::string due_html(const Visit& visit, const CaseFile& file) {
  if (file.due.empty()) return "–";
  const auto due = day_from(file.due);
  std::string text = "<span class=\"whole\">" + escaped(file.due) + "</span>";
  if (file.is_closed() || !due) return text;
  const Day left = *due - beijing_day(visit.clock.now());
  if (left < 0)
    return text + " <span class=\"state fail\">" +
           visit.text("逾期 " + std::to_string(-left) + " 天", std::to_string(-left) + " days late") + "</span>";
  if (left == 0) return text + " <span class=\"state warn\">" + visit.text("今日到期", "today") + "</span>";
  return text + " <small>" +
         visit.text("还有 " + std::to_string(left) + " 天", "in " + std::to_string(left) + " days") + "</small>";
}

}  // namespace qianzhi::desk::serve
