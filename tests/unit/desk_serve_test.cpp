// The desk's pages and interface over real HTTP, on a desk that really judged and opened its cases.
#include <catch2/catch.hpp>

#include "agent/desk/serve/health.h"
#include "hub-protocol/web/http.h"
#include "tests/support/throws.h"
#include "tests/unit/desk_http.h"
#include "tests/unit/desk_town.h"

using namespace qianzhi;
using namespace qianzhi::desk;

namespace {

bool says(const test::DeskReply& reply, const std::string& word) { return reply.body.find(word) != std::string::npos; }

// The value of a hidden field of a page.
std::string hidden(const std::string& page, const std::string& name, std::size_t from = 0) {
  const std::string mark = "name=\"" + name + "\" value=\"";
  const std::size_t at = page.find(mark, from);
  if (at == std::string::npos) return {};
  return page.substr(at + mark.size(), page.find('"', at + mark.size()) - at - mark.size());
}

std::string unescaped(std::string text) {
  for (std::size_t at = text.find("&quot;"); at != std::string::npos; at = text.find("&quot;"))
    text.replace(at, 6, "\"");
  return text;
}

// A browser of one person.
class Person {
 public:
  Person(std::uint16_t port, const std::string& name) : http_(port) {
    const auto reply = http_.post("/sign-in", "token=" + test::Town::token(name), own());
    const std::string header = reply.header("Set-Cookie");
    REQUIRE(reply.status == 303);
    REQUIRE(header.find("; HttpOnly; SameSite=Strict") != std::string::npos);
    cookie_ = "Cookie: " + header.substr(0, header.find(';')) + "\r\n";
  }
  std::string own() const { return "Origin: http://" + http_.host() + "\r\n"; }
  const std::string& cookie() const { return cookie_; }
  const test::DeskHttp& http() const { return http_; }
  test::DeskReply get(const std::string& path) const {
    return http_.raw("GET " + path + " HTTP/1.1\r\nHost: " + http_.host() + "\r\n" + cookie_ + "\r\n");
  }
  // As the form of this page is sent.
  test::DeskReply post(const std::string& path, const std::string& fields, const std::string& page) const {
    return http_.post(path,
                      "csrf=" + hidden(page, "csrf") + "&request=" + hidden(page, "request") +
                          "&version=" + hidden(page, "version") + "&" + fields,
                      own() + cookie_);
  }

 private:
  test::DeskHttp http_;
  std::string cookie_;
};

struct ServedTown : test::Town {
  explicit ServedTown(const std::string& more = {}) : Town(more) {
    serve();
    REQUIRE(served->is_open());
  }
  std::uint16_t port() { return served->service().port(); }
  Person person(const std::string& name) { return {port(), name}; }
  test::DeskReply api(const std::string& name, const std::string& path, const std::string& json = {}) {
    const test::DeskHttp http(port());
    const std::string bearer = "Authorization: Bearer " + token(name) + "\r\n";
    if (json.empty()) return http.raw("GET " + path + " HTTP/1.1\r\nHost: " + http.host() + "\r\n" + bearer + "\r\n");
    return http.post(path, json, bearer + "Content-Type: application/json\r\n");
  }
  std::string url(const std::string& subject) { return "/cases/" + std::to_string(case_of(subject)); }
};

constexpr const char* warned_firm = "440103000000016";
constexpr const char* other_firm = "440104000000019";

}  // namespace

TEST_CASE("S2.3 S4.3 a case is worked on by page from the warning to its end", "[serve]") {
  ServedTown town;
  const Person li = town.person("li");
  const auto list = li.get("/cases");
  CHECK(list.status == 200);
  CHECK(says(list, "广州市启航贸易有限公司"));
  CHECK(says(list, "逾期 31 天"));
  CHECK_FALSE(says(list, "东山百货"));  // another office's
  CHECK(says(list, "&lt;b&gt;"));
  CHECK_FALSE(says(list, "<b>\"注入"));
  const std::string url = town.url(warned_firm);
  auto page = li.get(url);
  CHECK(says(page, "荔湾区中山七路12号"));  // the evidence
  CHECK(says(page, "税收征收管理法"));
  CHECK(li.post(url + "/urge", "note=%E7%94%B5%E8%AF%9D", page.body).header("Location") == url + "?done=urge");
  CHECK(li.post(url + "/visit", "note=", li.get(url).body).status == 303);
  page = li.get(url);
  CHECK(says(page, "已上门"));
  CHECK(li.post(url + "/outcome", "outcome=not_found&day=2008-03-09", page.body).status == 400);  // has not been yet
  CHECK(li.post(url + "/outcome", "outcome=not_found&day=2008-03-03&note=x", page.body).status == 303);
  page = li.get(url);
  CHECK(says(page, "实地查找不到"));
  CHECK(says(page, "已结案"));
  CHECK(town.number("SELECT count(*) FROM case_not_found") == 1);
  // An appeal is a head's decision.
  CHECK(li.post(url + "/appeal", "reason=x", page.body).status == 403);
  const Person wang = town.person("wang");
  const auto second = wang.post(url + "/appeal", "reason=%E4%BB%8D%E5%9C%A8", wang.get(url).body);
  CHECK(second.status == 303);
  CHECK(second.header("Location") == town.url(warned_firm) + "?done=appeal");
  const std::string again = town.url(warned_firm);
  CHECK(again != url);
  CHECK(
      wang.post(again + "/person", "name=%E9%99%88%E5%BF%97%E6%98%8E&document=440103197001011234", wang.get(again).body)
          .status == 303);
  CHECK(says(wang.get(again), "440103197001011234"));
  CHECK(says(town.person("zhao").get(again), "440*************34"));
  CHECK(wang.post(again + "/assign", "office=%E8%8D%94%E6%B9%BE%E7%A8%8E%E5%8A%A1%E6%89%80&assignee=li",
                  wang.get(again).body)
            .status == 303);
  CHECK(says(li.get("/cases?mine=1"), again));
  CHECK(wang.post(again + "/exempt", "reason=%E6%AD%87%E4%B8%9A", wang.get(again).body).status == 303);
}

TEST_CASE("S4.3 a form that is sent twice counts once, and one that is out of date not at all", "[serve]") {
  ServedTown town;
  const Person li = town.person("li");
  const std::string url = town.url(warned_firm);
  const auto page = li.get(url);
  for (int i = 0; i < 2; ++i) CHECK(li.post(url + "/urge", "note=x", page.body).status == 303);
  CHECK(town.number("SELECT urges FROM case_file WHERE id = " + url.substr(7)) == 1);
  const auto stale =
      li.http().post(url + "/note",
                     "csrf=" + hidden(page.body, "csrf") + "&request=other&version=" + hidden(page.body, "version") +
                         "&reason=%E7%94%B5%E8%AF%9D%E6%97%A0%E4%BA%BA",
                     li.own() + li.cookie());
  CHECK(stale.status == 409);
  CHECK(says(stale, "QZ-DSK-126"));
  CHECK(says(stale, "电话无人"));  // what was typed is not lost
}

TEST_CASE("S2.3 nobody sees or does what the role does not allow", "[serve]") {
  ServedTown town;
  const Person li = town.person("li");
  const std::string other = town.url(other_firm);
  CHECK(li.get(other).status == 403);
  CHECK(li.get("/cases/999").status == 403);  // the same as for one that is not there
  const auto mine = li.get(town.url(warned_firm));
  CHECK(li.post(other + "/urge", "note=", mine.body).status == 403);
  CHECK(li.post(town.url(warned_firm) + "/exempt", "reason=x", mine.body).status == 403);
  for (const char* path : {"/reports", "/reports/slipped", "/reports/slipped.csv", "/figures", "/notices", "/feeds",
                           "/health", "/review", "/lookup", "/cases/new"}) {
    INFO(path);
    CHECK(li.get(path).status == 403);
    CHECK(town.person("nobody").get(path).status == 403);
  }
  const Person zhao = town.person("zhao");
  const auto seen = zhao.get(town.url(warned_firm));
  CHECK(seen.status == 200);
  CHECK_FALSE(says(seen, "<form method=\"post\" action=\"/cases"));
  CHECK(zhao.post(town.url(warned_firm) + "/urge", "note=", zhao.get("/").body).status == 403);
  CHECK(zhao.post("/notices/1/drop", "", zhao.get("/").body).status == 403);
  CHECK(zhao.get("/reports").status == 200);
  // Of chen there is only the lookup.
  const Person chen = town.person("chen");
  CHECK(says(chen.get("/"), "用途"));
  CHECK(chen.get("/cases").status == 403);
  CHECK(town.person("nobody").get("/").status == 403);
  CHECK(town.number("SELECT count(*) FROM case_audit WHERE who = 'li' AND allowed = 0") >= 8);
  CHECK(town.number("SELECT count(*) FROM case_audit WHERE who = 'zhao' AND action = 'show' AND allowed = 1") == 1);
}

TEST_CASE("A25 E7 pages are told to nobody without a session, and forms of others do nothing", "[serve]") {
  ServedTown town;
  const Person li = town.person("li");
  const test::DeskHttp http(town.port());
  const std::string url = town.url(warned_firm);
  CHECK(http.get("/").header("Location") == "/sign-in");
  CHECK(http.get(url).header("Location") == "/sign-in");
  CHECK(http.post("/sign-in", "token=wrong", li.own()).status == 403);
  CHECK(http.post("/sign-in", "token=" + test::Town::token("li"), "").status == 403);
  CHECK(http.get("/livez").body == "ok\n");
  CHECK(http.raw("GET / HTTP/1.1\r\nHost: desk.example\r\n\r\n").status == 403);
  const std::string csrf = "csrf=" + hidden(li.get(url).body, "csrf");
  const std::string urge = url + "/urge";
  CHECK(http.post(urge, csrf, li.cookie()).status == 403);
  CHECK(http.post(urge, csrf, li.cookie() + "Origin: http://evil.example\r\n").status == 403);
  CHECK(http.post(urge, csrf, li.own() + li.cookie() + "Sec-Fetch-Site: cross-site\r\n").status == 403);
  CHECK(http.post(urge, "csrf=0", li.own() + li.cookie()).status == 403);
  CHECK(http.post(urge, "", li.own() + li.cookie()).status == 403);
  const std::string of_wang = "csrf=" + hidden(town.person("wang").get("/").body, "csrf");
  CHECK(http.post(urge, of_wang, li.own() + li.cookie()).status == 403);
  CHECK(town.number("SELECT sum(urges) FROM case_file") == 0);
  CHECK(http.get("/language?to=en&back=//evil.example").header("Location") == "/");
  const auto page = li.get(url);
  CHECK(page.header("Content-Security-Policy").find("default-src 'none'") == 0);
  CHECK(page.header("Content-Security-Policy").find("script-src") == std::string::npos);
  CHECK(page.header("Cache-Control") == "no-store");
  CHECK(li.http().post("/sign-out", csrf, li.own() + li.cookie()).status == 303);
  CHECK(li.get(url).header("Location") == "/sign-in?ended=1");
  const Person late = town.person("li");
  town.clock.pass(31LL * 60 * 1'000'000);
  CHECK(late.get("/").header("Location") == "/sign-in?ended=1");
}

TEST_CASE("S4.3 programs do the same over the interface, by token", "[serve]") {
  ServedTown town;
  const std::string api = "/api" + town.url(warned_firm);
  CHECK(town.api("li", api).body.find(R"("state":"warned")") != std::string::npos);
  CHECK(town.api("li", "/api" + town.url(other_firm)).status == 403);
  CHECK(town.api("li", "/api" + town.url(other_firm)).body == "{\"code\":\"QZ-DSK-121\"}\n");
  for (int i = 0; i < 2; ++i) CHECK(town.api("li", api + "/urge", R"({"request":"a1","note":"x"})").status == 200);
  CHECK(town.number("SELECT sum(urges) FROM case_file") == 1);
  CHECK(town.api("li", api + "/visit", R"({"request":"a1"})").body == "{\"code\":\"QZ-DSK-127\"}\n");
  CHECK(town.api("li", api + "/visit", R"({"version":"1"})").status == 409);
  CHECK(town.api("li", api + "/burn", "{}").status == 404);
  CHECK(town.api("li", api + "/visit", R"({"note":{}})").status == 400);
  const auto list = town.api("li", "/api/cases?due=late&most=1");
  CHECK(says(list, warned_firm));
  const std::size_t at = list.body.find("\"after\":\"");
  const std::string after = list.body.substr(at + 9, list.body.find('"', at + 9) - at - 9);
  CHECK_FALSE(after.empty());
  CHECK_FALSE(says(town.api("li", "/api/cases?due=late&most=1&after=" + after), warned_firm));
  CHECK(says(town.api("wang", "/api/cases/find", R"({"text":"东山"})"), "广州市东山百货有限公司"));
  CHECK(says(town.api("wang", "/api/overview"), R"("440103":{"open":4)"));
  CHECK(says(town.api("wang", "/api/reports/slipped"), R"("missing": 7)"));
  CHECK(town.api("li", "/api/reports/slipped").status == 403);
  const auto opened = town.api("wang", "/api/cases",
                               R"({"rule":"no_tax","subject":"H1","title":"无照店","area":"440104","request":"n1",)"
                               R"("persons":"张三 110105194912310021\n李四"})");
  CHECK(opened.status == 200);
  CHECK(town.number("SELECT persons FROM case_file WHERE subject = 'H1'") == 2);
  CHECK(town.api("nobody", "/api/cases").status == 403);
  const test::DeskHttp http(town.port());
  CHECK(http.get("/api/cases").status == 401);
  // A session is for pages only.
  CHECK(town.person("wang").get("/api/cases").status == 401);
}

TEST_CASE("S3.3 reports and figures are tables with a file for spreadsheets", "[serve]") {
  ServedTown town;
  const Person wang = town.person("wang");
  const auto page = wang.get("/reports/slipped?from=2008-01-01&to=2008-12-31");
  CHECK(says(page, "漏管户统计"));
  CHECK(says(page, "87.5"));
  const auto csv = wang.get("/reports/slipped.csv");
  CHECK(csv.header("Content-Type") == "text/csv; charset=utf-8");
  CHECK(says(csv, "合计,8,7,"));
  CHECK(wang.get("/reports/slipped?from=2008-13-01").status == 400);
  CHECK(wang.get("/reports/other").status == 404);
  const Person li = town.person("li");
  CHECK(li.post(town.url(warned_firm) + "/urge", "", li.get(town.url(warned_firm)).body).status == 303);
  CHECK(says(wang.get("/figures?by=office"), "荔湾税务所"));
  CHECK(says(wang.get("/figures.csv?by=month&from=2008-01-01&to=2008-12-31"), "2008-03,7,0,"));
  CHECK(says(wang.get("/figures?of=completed"), "办结统计"));
}

TEST_CASE("E3 the desk says when it does not run, which part fails, and what waits for a person", "[serve]") {
  ServedTown town;
  const Person wang = town.person("wang");
  const test::DeskHttp http(town.port());
  CHECK(says(wang.get("/"), "比对、案件和通知都在正常进行"));
  CHECK(http.get("/readyz").status == 200);
  // The outlet of urgings refuses.
  const std::string url = town.url(warned_firm);
  CHECK(wang.post(url + "/urge", "", wang.get(url).body).status == 303);
  town.turn();
  CHECK(says(wang.get("/"), "QZ-DSK-222"));
  const auto notices = wang.get("/notices?state=failed");
  CHECK(says(notices, "gone"));
  const std::string id = std::to_string(town.number("SELECT id FROM notice WHERE state = 'failed'"));
  CHECK(wang.post("/notices/" + id + "/drop", "", notices.body).status == 303);
  CHECK(wang.post("/notices/" + id + "/again", "", notices.body).status == 409);
  CHECK(town.number("SELECT count(*) FROM notice WHERE state = 'dropped'") == 1);
  CHECK(says(wang.get("/health"), "比对、案件和通知都在正常进行"));
  town.received.execute("DROP TABLE tax");
  town.turn();
  const auto failed = wang.get("/health");
  CHECK(says(failed, "规则 应办未办税务登记"));
  CHECK(says(failed, "verdict fail\""));
  CHECK(http.get("/readyz").status == 503);
  town.clock.pass(16LL * 60 * 1'000'000);
  CHECK(says(wang.get("/"), "QZ-DSK-221"));
  CHECK(says(town.api("wang", "/api/health"), R"("code":"QZ-DSK-221")"));
}

TEST_CASE("E3 what is wrong is told by its severity", "[serve]") {
  serve::HealthFacts facts;
  facts.now = 10'000'000'000;
  facts.poll = 5'000'000;
  REQUIRE(serve::complaints_of(facts).size() == 1);
  CHECK(serve::complaints_of(facts).front().code == "QZ-DSK-221");
  facts.parts = {{"turn", facts.now - 60'000'000, 0, "", ""}};
  CHECK(serve::complaints_of(facts).empty());
  facts.poll = 3'600'000'000;
  facts.parts.front().well = facts.now - 3'700'000'000;
  CHECK(serve::complaints_of(facts).empty());
  facts.notices = {{"sent", 4}, {"uncertain", 1}};
  facts.rejected_outcomes = 2;
  CHECK(serve::complaints_of(facts).size() == 2);
  CHECK_FALSE(serve::complaints_of(facts).front().is_failure);
  facts.parts.push_back({"records", 1, 5, "QZ-DSK-203", ""});
  CHECK(serve::complaints_of(facts).front().code == "QZ-DSK-203");
  CHECK(serve::complaints_of(facts).front().is_failure);
}

TEST_CASE("S1.8 uncertain pairs are decided by people, remembered, carried out and taken back", "[serve]") {
  ServedTown town;
  const Person wang = town.person("wang");
  const auto page = wang.get("/review");
  CHECK(says(page, "广州启航贸易"));
  CHECK(says(page, "负责人相同"));
  const std::int64_t waiting = town.number("SELECT count(*) FROM match_review");
  REQUIRE(waiting >= 1);
  const std::int64_t records = town.number("SELECT count(*) FROM base_record");
  const std::string left = hidden(page.body, "left");
  const std::string right = hidden(page.body, "right");
  const std::string pair =
      "&left=" + web::url_encoded(unescaped(left)) + "&right=" + web::url_encoded(unescaped(right));
  const auto decide = [&](const std::string& action, const std::string& word) {
    return wang.post("/review/" + action, "decision=" + word + pair, page.body).status;
  };
  CHECK(decide("decide", "later") == 303);
  CHECK(town.number("SELECT count(*) FROM match_later") == 1);
  CHECK(decide("decide", "same") == 303);
  CHECK(decide("decide", "same") == 409);
  town.turn();
  CHECK(town.number("SELECT count(*) FROM base_record") == records - 1);
  CHECK(says(wang.get("/review"), "同一户"));
  CHECK(decide("undo", "") == 303);
  town.turn();
  CHECK(town.number("SELECT count(*) FROM base_record") == records);
  CHECK(town.number("SELECT count(*) FROM match_review") == waiting);
  CHECK(town.number("SELECT count(*) FROM match_event") == 3);
  CHECK(decide("decide", "different") == 303);
  town.turn();
  CHECK(town.number("SELECT count(*) FROM match_review") == waiting - 1);
  CHECK(town.api("li", "/api/review").status == 403);
  CHECK(town.api("wang", "/api/review/decide", R"({"left":"a","right":"b","decision":"same"})").status == 409);
}

TEST_CASE("S1.9 the lookup is a part of the same pages and the same interface", "[serve]") {
  ServedTown town;
  const Person chen = town.person("chen");
  const auto form = chen.get("/lookup");
  const std::string search = "subject=firm&by=name&purpose=%E6%A0%B8%E5%AF%B9&text=";
  const auto found = chen.post("/lookup", search + "%E5%90%AF%E8%88%AA", form.body);  // 启航
  CHECK(says(found, "广州市启航贸易有限公司"));
  CHECK(says(found, "陈**"));
  CHECK_FALSE(says(found, "陈志明"));
  CHECK_FALSE(says(found, "中山七路"));
  CHECK(says(chen.post("/lookup", search + "%E5%90%AF", form.body), "QZ-DSK-212"));
  CHECK(says(chen.post("/lookup", search + "%E6%B3%A8%E5%85%A5", form.body), "&lt;b&gt;"));
  const std::string json = R"({"subject":"firm","by":"code","text":"440103000000016","purpose":"核对登记"})";
  CHECK(town.api("chen", "/api/search", json).body ==
        "{\"hits\":[{\"registration\":\"440103000000016\",\"name\":\"广州市启航贸易有限公司\","
        "\"legal_representative\":\"陈**\"}],\"more\":false}\n");
  CHECK(says(town.api("zhao", "/api/search", json), R"({"hits":[{"name":)"));
  CHECK(town.api("zhao", "/api/search", R"({"subject":"firm","by":"name","text":"启航","purpose":"核对"})").status ==
        403);
  CHECK(town.api("li", "/api/search", json).status == 403);
  town.received.execute("UPDATE opening SET name = '广州鸿运贸易有限公司' WHERE registration = '440103000000016'");
  CHECK(town.served->service().turn() >= 1);
  CHECK(says(chen.post("/lookup", search + "%E9%B8%BF%E8%BF%90", form.body), "广州鸿运贸易有限公司"));
}

TEST_CASE("serve: tokens that others may read, short ones, guessing, and what desk.yaml gets wrong are refused",
          "[serve]") {
  test::Town town;
  chmod((town.dir / "li.token").c_str(), 0644);
  test::check_throws("QZ-DSK-216", [&] { town.serve(); });
  chmod((town.dir / "li.token").c_str(), 0600);
  std::ofstream(town.dir / "li.token") << "short\n";
  test::check_throws("QZ-DSK-216", [&] { town.serve(); });
  std::ofstream(town.dir / "li.token") << test::Town::token("wang") << "\n";
  test::check_throws("QZ-DSK-216", [&] { town.serve(); });
  std::ofstream(town.dir / "li.token") << test::Town::token("li") << "\n";
  town.serve();
  const test::DeskHttp http(town.served->service().port());
  const std::string own = "Origin: http://" + http.host() + "\r\n";
  for (int i = 0; i < 20; ++i) CHECK(http.post("/sign-in", "token=guess" + std::to_string(i), own).status == 403);
  CHECK(http.post("/sign-in", "token=" + test::Town::token("li"), own).status == 403);
  town.clock.pass(61'000'000);
  CHECK(http.post("/sign-in", "token=" + test::Town::token("li"), own).status == 303);

  yaml::Diagnostics diagnostics;
  const auto root =
      yaml::parse_document("desk.yaml",
                           "listen: here\ncertificate: a.crt\nhosts: [a]\naccounts:\n"
                           "  Wang: {token: {file: a}}\n  li: {lookup: boss, token: {file: b}}\n  x: {}\n",
                           diagnostics);
  REQUIRE(root);
  yaml::MapReader reader(&*root, "serve", diagnostics);
  serve::read_serve(reader, {});
  reader.finish();
  INFO(diagnostics.render());
  CHECK(diagnostics.errors() == 5);
}
