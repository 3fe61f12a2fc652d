#include "agent/desk/serve/pages.h"

namespace qianzhi::desk::serve {

namespace {

using html::escaped;

constexpr std::size_t notices_shown = 200;
constexpr NoticeState all_notice_states[] = {NoticeState::waiting,   NoticeState::sending, NoticeState::sent,
                                             NoticeState::uncertain, NoticeState::failed,  NoticeState::dropped};

std::optional<NoticeState> state_in(const std::string& name) {
  for (const NoticeState state : all_notice_states)
    if (name_of(state) == name) return state;
  return std::nullopt;
}

std::string small_form(const Visit& visit, std::int64_t id, std::string_view action, const std::string& label) {
  return "<form method=\"post\" action=\"/notices/" + std::to_string(id) + "/" + std::string(action) + "\">" +
         token_field(visit) + "<button class=\"quiet\">" + label + "<span class=\"skip\"> " + std::to_string(id) +
         "</span></button></form>";
}

std::string buttons(const Visit& visit, const Notice& notice) {
  if (!visit.is_head()) return {};
  const bool is_over = notice.state == NoticeState::failed || notice.state == NoticeState::uncertain;
  std::string text;
  if (is_over) text += small_form(visit, notice.id, "again", visit.text("重发", "Send again"));
  if (is_over || notice.state == NoticeState::waiting)
    text += small_form(visit, notice.id, "drop", visit.text("取消", "Drop"));
  return text.empty() ? text : "<div class=\"actions\">" + text + "</div>";
}

std::string state_links(const Visit& visit, const std::map<std::string, std::int64_t>& counts) {
  std::string text = "<p class=\"tabs\"><a href=\"/notices\"" +
                     std::string(visit.parameter("state").empty() ? " aria-current=\"true\"" : "") + ">" +
                     visit.text("全部", "all") + "</a> ";
  for (const NoticeState state : all_notice_states) {
    const std::string name(name_of(state));
    const auto found = counts.find(name);
    if (found == counts.end() || found->second == 0) continue;
    text += "<a href=\"" + address("/notices", {{"state", name}}) + "\"" +
            (visit.parameter("state") == name ? " aria-current=\"true\"" : "") + ">" + notice_state_html(visit, name) +
            " " + html::grouped(static_cast<std::uint64_t>(found->second)) + "</a> ";
  }
  return text + "</p>\n";
}

std::string time_cell(Micros time) {
  return time == 0 ? "–" : "<span class=\"whole\">" + beijing_text(time) + "</span>";
}

}  // namespace

web::Reply notices_page(Visit& visit, const Error* error) {
  std::vector<Notice> notices;
  std::map<std::string, std::int64_t> counts;
  {
    const Door::Pass pass = visit.rooms.cases.door.enter();
    visit.rooms.cases.desk.admit(visit.account->id, "notices", CaseRole::viewer);
    notices = visit.rooms.cases.notices.list(state_in(visit.parameter("state")), notices_shown);
    counts = visit.rooms.cases.notices.counts();
  }
  std::string content = error == nullptr ? std::string() : error_html(visit, *error);
  if (visit.parameter("done") == "1") content += done_html(visit, visit.pick("已办理", "Done"));
  content += state_links(visit, counts);
  // Not what they say: that is between the department and whom it was sent to.
  Sheet sheet(visit.text("最近的通知", "Latest notices"),
              {visit.text("编号", "Number"), visit.text("出口", "Outlet"), visit.text("事由", "Event"),
               visit.text("对象", "About"), visit.text("状态", "State"), visit.text("次数", "Tries"),
               visit.text("最近一次", "Last tried"), visit.text("结果", "Result"), visit.text("办理", "Do")});
  sheet.numbers({0, 5});
  for (const Notice& notice : notices)
    sheet.row({std::to_string(notice.id), escaped(notice.outlet), escaped(notice.event), escaped(notice.subject),
               notice_state_html(visit, name_of(notice.state)), std::to_string(notice.tries), time_cell(notice.tried),
               escaped(notice.result), buttons(visit, notice)});
  content += sheet.empty() ? "<p class=\"none\">" + visit.text("没有通知。", "No notices.") + "</p>\n" : sheet.html();
  return framed(visit, visit.pick("通知", "Notices"), "/notices", content, error == nullptr ? 200 : status_of(*error));
}

void notice_action(Visit& visit, std::int64_t id, std::string_view action) {
  const Door::Pass pass = visit.rooms.cases.door.enter();
  CaseRoom& room = visit.rooms.cases;
  const bool is_again = action == "again";
  room.desk.admit(visit.account->id, is_again ? "notice again" : "notice drop", CaseRole::head);
  if (is_again)
    room.notices.again(id, visit.clock.now());
  else
    room.notices.drop(id, visit.clock.now());
}

web::Reply notice_form_reply(Visit& visit, std::int64_t id, std::string_view action) {
  if (action != "again" && action != "drop") return not_found_page(visit);
  try {
    notice_action(visit, id, action);
  } catch (const Error& error) {
    if (error.code() != "QZ-DSK-107") throw;
    return notices_page(visit, &error);
  }
  return web::redirect_to("/notices?done=1");
}

web::Reply feeds_page(Visit& visit) {
  CaseRoom& room = visit.rooms.cases;
  const Door::Pass pass = room.door.enter();
  room.desk.admit(visit.account->id, "feeds", CaseRole::viewer);
  const bool has_feeds =
      room.database.scalar("SELECT count(*) FROM main.sqlite_schema WHERE name = 'feed_state'").value_or(0) == 1;
  std::string content;
  Sheet feeds(visit.text("公开数据", "Open data"),
              {visit.text("名称", "Feed"), visit.text("表", "Table"), visit.text("批次", "Generation"),
               visit.text("行数", "Rows"), visit.text("最近一次", "Written")});
  feeds.numbers({2, 3});
  for (const FeedConfig& feed : room.work.feeds) {
    sqlite::Statement row = room.database.prepare(
        has_feeds ? "SELECT generation, rows, time FROM main.feed_state WHERE feed = ?1" : "SELECT 1 WHERE ?1 IS NULL");
    row.bind(1, feed.id);
    const bool is_there = row.step();
    feeds.row({escaped(feed.title.empty() ? feed.id : feed.title), escaped(feed.table), is_there ? row.text(0) : "–",
               is_there ? html::grouped(row.number(1)) : "–",
               is_there ? time_cell(row.integer(2)) : visit.text("尚未生成", "not yet")});
  }
  Sheet events(visit.text("事件", "Events"),
               {visit.text("名称", "Event"), visit.text("出口", "Outlet"), visit.text("已通知", "Told"),
                visit.text("未送达", "Not delivered"), visit.text("最近一次", "Latest")});
  events.numbers({2, 3});
  for (const EventConfig& event : room.work.events) {
    sqlite::Statement row = room.database.prepare(
        "SELECT total(state = 'sent'), total(state IN ('failed', 'uncertain')), coalesce(max(made), 0) FROM "
        "main.notice WHERE outlet = ?1 AND event = ?2");
    row.bind(1, event.outlet).bind(2, "event:" + event.id);
    row.step();
    events.row({escaped(event.id), escaped(event.outlet), html::grouped(row.number(0)), html::grouped(row.number(1)),
                time_cell(row.integer(2))});
  }
  content += feeds.empty()
                 ? "<p class=\"none\">" + visit.text("没有配置公开数据。", "No feeds are configured.") + "</p>\n"
                 : feeds.html();
  content += "<section>" +
             (events.empty() ? "<p class=\"none\">" + visit.text("没有配置事件。", "No events are configured.") + "</p>"
                             : events.html()) +
             "</section>\n";
  return framed(visit, visit.pick("公开与事件", "Feeds and events"), "/feeds", content);
}

}  // namespace qianzhi::desk::serve
