#include <array>

#include "agent/desk/serve/pages.h"

namespace qianzhi::desk::serve {

namespace {

using html::escaped;

constexpr std::size_t pairs_shown = 20;
constexpr std::size_t decisions_shown = 20;

// Items of one record, then its codes.
std::vector<std::pair<std::string, std::string>> record_items(sqlite::Database& database, const std::string& record) {
  std::vector<std::pair<std::string, std::string>> items;
  if (database.scalar("SELECT count(*) FROM main.sqlite_schema WHERE name = 'base_item'") != 1) return items;
  sqlite::Statement rows = database.prepare(
      "SELECT item, value FROM main.base_item WHERE record = ?1 AND value <> '' UNION ALL SELECT code_kind, code FROM "
      "main.base_code WHERE record = ?1 LIMIT 30");
  rows.bind(1, record);
  while (rows.step()) items.emplace_back(rows.text(0), rows.text(1));
  return items;
}

std::string code_words(const Visit& visit, const std::string& item) {
  if (item == "credit_code") return visit.text("统一社会信用代码", "credit code");
  if (item == "taxpayer_id") return visit.text("纳税人识别号", "taxpayer number");
  if (item == "citizen_id") return visit.text("公民身份号码", "citizen number");
  return item_words(visit, item);
}

std::string record_name(const Visit& visit, std::string_view record) {
  if (record.substr(0, 4) == "row:") {
    const std::size_t kind = record.find(':', 4);
    const std::size_t source = kind == record.npos ? record.npos : record.find(':', kind + 1);
    if (source != record.npos)
      return visit.text("无代码记录，来源 ", "row without code of ") +
             escaped(record.substr(kind + 1, source - kind - 1));
  }
  return visit.text("有代码记录 ", "record ") + escaped(record);
}

std::string reason_words(const Visit& visit, std::string_view codes) {
  std::string text;
  while (!codes.empty()) {
    const std::size_t end = std::min(codes.find(','), codes.size());
    const std::string_view code = codes.substr(0, end);
    codes.remove_prefix(std::min(end + 1, codes.size()));
    std::string words(code);
    for (int i = 0; i <= static_cast<int>(match::Reason::decided); ++i) {
      const auto reason = static_cast<match::Reason>(i);
      if (match::code_of(reason) == code) words = visit.text(match::zh_of(reason), match::en_of(reason));
    }
    text += (text.empty() ? "" : visit.text("；", "; ")) + words;
  }
  return text;
}

// Both records side by side, what differs marked.
std::string side_by_side(const Visit& visit, const std::string& left, const std::string& right) {
  sqlite::Database& database = visit.rooms.cases.database;
  std::map<std::string, std::array<std::string, 2>> items;
  for (const auto& [item, value] : record_items(database, left)) items[item][0] = value;
  for (const auto& [item, value] : record_items(database, right)) items[item][1] = value;
  Sheet sheet(visit.text("两条记录", "The two records"),
              {visit.text("数据项", "Item"), record_name(visit, left), record_name(visit, right)});
  for (const auto& [item, values] : items) {
    const bool differs = !values[0].empty() && !values[1].empty() && values[0] != values[1];
    const auto cell = [&](const std::string& value) {
      return differs ? "<mark>" + escaped(value) + "</mark>" : escaped(value);
    };
    sheet.row({escaped(code_words(visit, item)), cell(values[0]), cell(values[1])});
  }
  return sheet.html();
}

std::string hidden_pair(const Visit& visit, const std::string& left, const std::string& right) {
  return token_field(visit) + "<input type=\"hidden\" name=\"left\" value=\"" + escaped(left) +
         "\"><input type=\"hidden\" name=\"right\" value=\"" + escaped(right) + "\">";
}

std::string waiting_html(const Visit& visit, const match::WaitingPair& pair, std::size_t number) {
  const std::string id = "remark-" + std::to_string(number);
  return "<article class=\"pair\"><h2>" + visit.text("把握 ", "score ") + std::to_string(pair.score) +
         " / 1000</h2><p>" + visit.text("理由：", "Reason: ") + escaped(reason_words(visit, pair.reasons)) + "</p>" +
         side_by_side(visit, pair.left, pair.right) + "<form method=\"post\" action=\"/review/decide\">" +
         hidden_pair(visit, pair.left, pair.right) +
         input(id, visit.text("依据（可不填）", "Why (may be left out)"), "maxlength=\"100\" autocomplete=\"off\"") +
         "<p class=\"actions\"><button name=\"decision\" value=\"same\">" + visit.text("同一户", "The same") +
         "</button><button name=\"decision\" value=\"different\">" + visit.text("不是同一户", "Different") +
         "</button><button name=\"decision\" value=\"later\" class=\"quiet\">" + visit.text("以后再看", "Later") +
         "</button></p></form></article>\n";
}

std::string decided_html(const Visit& visit, const std::vector<match::DecidedPair>& pairs) {
  if (pairs.empty()) return {};
  Sheet sheet(visit.text("最近的判定，可撤回", "Latest decisions; they can be taken back"),
              {visit.text("时间", "Time"), visit.text("判定人", "Who"), visit.text("判定", "Decision"),
               visit.text("记录", "Records"), visit.text("依据", "Why"), visit.text("办理", "Do")});
  for (const match::DecidedPair& pair : pairs)
    sheet.row({"<span class=\"whole\">" + beijing_text(pair.decision.at) + "</span>", escaped(pair.decision.who),
               pair.decision.is_same ? visit.text("同一户", "the same") : visit.text("不是同一户", "different"),
               escaped(pair.left) + "<br>" + escaped(pair.right), escaped(pair.decision.remark),
               "<form method=\"post\" action=\"/review/undo\">" + hidden_pair(visit, pair.left, pair.right) +
                   "<button class=\"quiet\">" + visit.text("撤回", "Take back") + "</button></form>"});
  return "<section>" + sheet.html() + "</section>\n";
}

}  // namespace

web::Reply review_page(Visit& visit, const Error* error) {
  const Door::Pass pass = visit.rooms.cases.door.enter();
  MatchDesk& matches = visit.rooms.cases.matches;
  const std::string& user = visit.account->id;
  std::string content = error == nullptr ? std::string() : error_html(visit, *error);
  if (visit.parameter("done") == "1")
    content +=
        done_html(visit, visit.pick("判定已保存，基础库随后更新", "The decision is kept, the records will follow"));
  content += "<p>" +
             visit.text("这些记录可能是同一户，程序不能确定。判定一直有效，可以撤回。",
                        "These records may be of one firm and the program is not sure. A decision stays until it is "
                        "taken back.") +
             "</p>\n";
  const std::vector<match::WaitingPair> pairs = matches.waiting(user, pairs_shown);
  if (pairs.empty()) content += "<p class=\"none\">" + visit.text("没有待复核的记录。", "Nothing waits.") + "</p>\n";
  std::size_t number = 0;
  for (const match::WaitingPair& pair : pairs) content += waiting_html(visit, pair, ++number);
  content += decided_html(visit, matches.decided(user, decisions_shown));
  return framed(visit, visit.pick("匹配复核", "Matches"), "/review", content,
                error == nullptr ? 200 : status_of(*error));
}

void review_action(Visit& visit, std::string_view action, const web::Fields& form) {
  const Door::Pass pass = visit.rooms.cases.door.enter();
  visit.rooms.cases.matches.decide(visit.account->id, field_of(form, "left"), field_of(form, "right"),
                                   action == "undo" ? "undo" : field_of(form, "decision"), field_of(form, "remark"));
}

web::Reply review_form_reply(Visit& visit, std::string_view action, const web::Fields& form) {
  if (action != "decide" && action != "undo") return not_found_page(visit);
  try {
    review_action(visit, action, form);
  } catch (const Error& error) {
    if (error.code() != "QZ-DSK-205") throw;
    return review_page(visit, &error);
  }
  return web::redirect_to("/review?done=1");
}

}  // namespace qianzhi::desk::serve
