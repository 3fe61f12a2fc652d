#include "agent/desk/serve/api.h"
#include "agent/desk/cases/case_text.h"
#include "agent/desk/serve/health.h"
#include "agent/desk/serve/json_in.h"
#include "agent/desk/serve/pages.h"
#include "hub-protocol/base/cells.h"

namespace qianzhi::desk::serve {

namespace {

constexpr std::size_t most_listed = 500;

web::Reply json_reply(const std::string& body) { return {200, "application/json; charset=utf-8", body + "\n"}; }

std::string number_member(std::string_view name, std::int64_t number) {
  return json_text(name) + ":" + std::to_string(number);
}

std::string counts_json(const OpenCases& cases) {
  std::string stages;
  for (const auto& [state, count] : cases.stages)
    stages += (stages.empty() ? "" : ",") + number_member(html::readable(state), count);
  return "{" + number_member("open", cases.open) + "," + number_member("overdue", cases.overdue) + "," +
         number_member("due_today", cases.due_today) + ",\"stages\":{" + stages + "}}";
}

std::string groups_json(const std::map<std::string, OpenCases>& groups) {
  std::string text;
  for (const auto& [group, cases] : groups)
    text += (text.empty() ? "" : ",") + json_text(html::readable(group)) + ":" + counts_json(cases);
  return "{" + text + "}";
}

web::Reply overview_json(Visit& visit) {
  const Door::Pass pass = visit.rooms.cases.door.enter();
  const CaseOverview overview = visit.rooms.cases.desk.overview(visit.account->id, visit.parameter("rule"));
  return json_reply("{\"day\":" + json_text(date_text(overview.today)) + ",\"all\":" + counts_json(overview.all) +
                    ",\"areas\":" + groups_json(overview.areas) + ",\"offices\":" + groups_json(overview.offices) +
                    "}");
}

// {"cases": [...], "after": "DUE,NUMBER"}: after is for the next page, empty at the end.
web::Reply list_json(Visit& visit, const web::Fields& fields) {
  const auto most = number_in(field_of(fields, "most"));
  const std::size_t limit = most && *most > 0 ? std::min(static_cast<std::size_t>(*most), most_listed) : 100;
  const Door::Pass pass = visit.rooms.cases.door.enter();
  std::vector<CaseFile> files =
      visit.rooms.cases.desk.list_by_due(visit.account->id, filter_in(visit, fields), place_in(fields), limit + 1);
  const bool has_more = files.size() > limit;
  if (has_more) files.pop_back();
  std::string list = to_json(files);
  list.pop_back();
  const std::string after = has_more ? files.back().due + "," + std::to_string(files.back().id) : std::string();
  return json_reply("{\"cases\":" + list + ",\"after\":" + json_text(after) + "}");
}

web::Reply notices_json(Visit& visit) {
  const Door::Pass pass = visit.rooms.cases.door.enter();
  visit.rooms.cases.desk.admit(visit.account->id, "notices", CaseRole::viewer);
  std::string list;
  for (const Notice& notice : visit.rooms.cases.notices.list(std::nullopt, most_listed)) {
    if (const std::string state = visit.parameter("state"); !state.empty() && state != name_of(notice.state)) continue;
    list += (list.empty() ? "{" : ",{") + number_member("number", notice.id) +
            ",\"outlet\":" + json_text(notice.outlet) + ",\"event\":" + json_text(notice.event) +
            ",\"subject\":" + json_text(html::readable(notice.subject)) +
            ",\"state\":" + json_text(name_of(notice.state)) + "," + number_member("tries", notice.tries) +
            ",\"result\":" + json_text(html::readable(notice.result)) + "}";
  }
  return json_reply("{\"notices\":[" + list + "]}");
}

web::Reply health_json(Visit& visit) {
  const Door::Pass pass = visit.rooms.cases.door.enter();
  visit.rooms.cases.desk.admit(visit.account->id, "health", CaseRole::viewer);
  const HealthFacts facts = health_facts(visit.rooms.cases, visit.rooms.facts.poll, visit.clock.now());
  const std::vector<Complaint> complaints = complaints_of(facts);
  std::string list;
  for (const Complaint& complaint : complaints)
    list += (list.empty() ? "{" : ",{") + std::string("\"failure\":") + (complaint.is_failure ? "true" : "false") +
            ",\"code\":" + json_text(complaint.code) + ",\"part\":" + json_text(complaint.part) +
            ",\"since\":" + json_text(complaint.since == 0 ? std::string() : beijing_text(complaint.since)) + "}";
  return json_reply("{\"well\":" + std::string(complaints.empty() ? "true" : "false") + ",\"complaints\":[" + list +
                    "]," + number_member("pairs_waiting", facts.waiting_pairs) + "}");
}

web::Reply review_json(Visit& visit) {
  const Door::Pass pass = visit.rooms.cases.door.enter();
  std::string list;
  for (const match::WaitingPair& pair : visit.rooms.cases.matches.waiting(visit.account->id, most_listed))
    list += (list.empty() ? "{" : ",{") + std::string("\"left\":") + json_text(html::readable(pair.left)) +
            ",\"right\":" + json_text(html::readable(pair.right)) + "," + number_member("score", pair.score) +
            ",\"reasons\":" + json_text(pair.reasons) + "}";
  return json_reply("{\"pairs\":[" + list + "]}");
}

web::Reply report_json(Visit& visit, const std::string& id) {
  {
    const Door::Pass pass = visit.rooms.cases.door.enter();
    visit.rooms.cases.desk.admit(visit.account->id, "report", CaseRole::viewer);
  }
  const Period period{visit.parameter("from"), visit.parameter("to")};
  for (const std::string& date : {period.from, period.to})
    if (!date.empty() && !day_from(date)) throw Error(ErrorKind::misuse, "QZ-DSK-006", "a day");
  if (visit.rooms.reports != nullptr)
    for (const Report& report : visit.rooms.reports->reports)
      if (report.id == id) {
        const Door::Pass pass = visit.rooms.reports->door.enter();
        return json_reply(to_json(run_report(visit.rooms.reports->store, visit.rooms.reports->judge, report, period)));
      }
  throw Error(ErrorKind::misuse, "QZ-DSK-003", "report");
}

std::string answer_json(const lookup::Answer& answer) {
  std::string text = "{\"hits\":[";
  for (std::size_t i = 0; i < answer.hits.size(); ++i) {
    text += i == 0 ? "{" : ",{";
    for (std::size_t j = 0; j < answer.hits[i].items.size(); ++j) {
      const auto& [item, value] = answer.hits[i].items[j];
      text += (j == 0 ? "" : ",") + json_text(item) + ":" + json_text(html::readable(value));
    }
    text += "}";
  }
  return text + "],\"more\":" + (answer.has_more ? "true" : "false") + "}";
}

// "12/urge" -> 12, urge.
struct Target {
  std::optional<std::int64_t> id;
  std::string action;
};
Target target_in(std::string_view path) {
  const std::size_t slash = std::min(path.find('/'), path.size());
  return {number_in(path.substr(0, slash)), std::string(path.substr(std::min(slash + 1, path.size())))};
}

std::optional<web::Reply> get_reply(Visit& visit, const std::string& path) {
  if (path == "overview") return overview_json(visit);
  if (path == "cases") return list_json(visit, visit.request.query);
  if (path == "notices") return notices_json(visit);
  if (path == "health") return health_json(visit);
  if (path == "review") return review_json(visit);
  if (path.compare(0, 8, "reports/") == 0) return report_json(visit, path.substr(8));
  if (path.compare(0, 6, "cases/") != 0) return std::nullopt;
  const auto id = number_in(std::string_view(path).substr(6));
  if (!id) return std::nullopt;
  const Door::Pass pass = visit.rooms.cases.door.enter();
  std::string json = to_json(visit.rooms.cases.desk.show(visit.account->id, *id));
  json.pop_back();
  return json_reply(json);
}

std::optional<web::Reply> post_reply(Visit& visit, const std::string& path, const web::Fields& fields) {
  if (path == "search") return json_reply(answer_json(lookup_answer(visit, question_in(fields))));
  if (path == "cases/find") return list_json(visit, fields);
  if (path == "cases") return json_reply("{" + number_member("number", open_case(visit, fields)) + "}");
  if (path == "review/decide" || path == "review/undo") {
    review_action(visit, std::string_view(path).substr(7), fields);
    return json_reply("{}");
  }
  const bool is_notice = path.compare(0, 8, "notices/") == 0;
  if (!is_notice && path.compare(0, 6, "cases/") != 0) return std::nullopt;
  const Target target = target_in(std::string_view(path).substr(is_notice ? 8 : 6));
  if (!target.id) return std::nullopt;
  if (is_notice) {
    if (target.action != "again" && target.action != "drop") return std::nullopt;
    notice_action(visit, *target.id, target.action);
    return json_reply("{}");
  }
  const auto shown = case_action(visit, *target.id, target.action, fields);
  if (!shown) return std::nullopt;
  return json_reply("{" + number_member("number", *shown) + "}");
}

}  // namespace

web::Reply api_error(int status, const std::string& code) {
  return {status, "application/json; charset=utf-8", "{\"code\":" + json_text(code) + "}\n"};
}

web::Reply api_reply(Visit& visit) {
  const std::string path = visit.request.path.substr(std::string_view("/api/").size());
  try {
    std::optional<web::Reply> reply;
    if (visit.request.method == "POST") {
      const bool is_json = visit.request.header("content-type").substr(0, 16) == "application/json";
      const auto fields = is_json ? json_from(visit.request.body) : web::form_from(visit.request.body);
      if (!fields) return api_error(400, "QZ-DSK-225");
      reply = post_reply(visit, path, *fields);
    } else {
      reply = get_reply(visit, path);
    }
    return reply ? *reply : api_error(404, "QZ-DSK-225");
  } catch (const Error& error) {
    return api_error(status_of(error), error.code());
  }
}

}  // namespace qianzhi::desk::serve
