// Who is let in, what is kept over time, and what is measured.
#include <catch2/catch.hpp>

#include <fstream>

#include "agent/status/metrics.h"
#include "agent/status/site.h"
#include "tests/browser/page_samples.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;
using namespace qianzhi::status;

namespace {

constexpr Micros one_second = 1'000'000;

class HandClock final : public Clock {
 public:
  Micros now() const override { return time; }
  Micros steady() const override { return time; }
  Micros time = 1'000 * one_second;
};

// A signed site with a hand-moved clock.
struct Signed {
  Signed() {
    SiteParts parts;
    parts.snapshot = test::attention_sample;
    parts.door = &door;
    parts.reading_token = "reading-token";
    parts.act = [this](const std::vector<std::string>& words, const Visitor& visitor) {
      acts += visitor.user + " " + words[0] + " " + words[1] + ";";
      return std::string("done\n");
    };
    site = std::make_unique<Site>(std::move(parts));
  }

  web::Reply get(const std::string& path, web::Fields headers = {}) {
    headers.emplace("host", "127.0.0.1:8420");
    return site->answer({"GET", path, {}, std::move(headers), {}, "127.0.0.1"});
  }
  web::Reply enter(const std::string& link) {
    return site->answer({"GET", "/in", {{"k", link}}, {{"host", "127.0.0.1:8420"}}, {}, "127.0.0.1"});
  }
  web::Reply act(const std::string& session, web::Fields headers) {
    headers.emplace("host", "127.0.0.1:8420");
    headers.emplace("cookie", "qianzhi_8420=" + session);
    return site->answer({"POST", "/api/do", {}, std::move(headers), "verb=retry&argument=7", "127.0.0.1"});
  }

  HandClock clock;
  SystemRandom random;
  Door door{clock, random};
  std::unique_ptr<Site> site;
  std::string acts;
};

std::string cookie_of(const web::Reply& reply) {
  for (const auto& [name, value] : reply.headers)
    if (name == "Set-Cookie") return value.substr(value.find('=') + 1, 64);
  return {};
}

}  // namespace

TEST_CASE("E7: a link works once and for a minute") {
  Signed page;
  const std::string first = page.door.link_for("li", Role::operating);
  CHECK(page.enter(first).status == 303);
  CHECK(page.enter(first).status == 401);
  const std::string second = page.door.link_for("li", Role::operating);
  page.clock.time += 60 * one_second;
  CHECK(page.enter(second).status == 401);
  CHECK(page.enter("").status == 401);
  CHECK(page.enter(std::string(64, '0')).status == 401);
}

TEST_CASE("E7: without a session there is nothing to read, and a session ends") {
  Signed page;
  for (const std::string path :
       {"/", "/plain", "/plain/documents", "/app.js", "/words.js", "/api/status", "/api/me", "/api/history",
        "/api/events", "/api/codes", "/api/config", "/api/documents", "/readyz", "/metrics"}) {
    INFO(path);
    const web::Reply reply = page.get(path);
    CHECK(reply.status == 401);
    CHECK(reply.body.find("commerce") == std::string::npos);
  }
  CHECK(page.get("/livez").body == "ok\n");
  const std::string session = cookie_of(page.enter(page.door.link_for("li", Role::viewer)));
  REQUIRE(session.size() == 64);
  const web::Fields cookie = {{"cookie", "qianzhi_8420=" + session}};
  CHECK(page.get("/api/status", cookie).status == 200);
  CHECK(page.get("/api/status", {{"cookie", "qianzhi_8421=" + session}}).status == 401);
  const web::Reply handbook = page.site->answer(
      {"GET", "/api/document", {{"name", "HANDBOOK"}}, {{"host", "127.0.0.1:8420"}, *cookie.begin()}, {}, "127.0.0.1"});
  CHECK(handbook.status == 200);
  CHECK(handbook.body.find("<h3 id=\"QZ-AGT-020\">QZ-AGT-020 ") != std::string::npos);
  CHECK(page.get("/api/documents", cookie).body.find("HANDBOOK") != std::string::npos);
  page.clock.time += 7'199 * one_second;
  CHECK(page.get("/api/status", cookie).status == 200);
  page.clock.time += 7'200 * one_second;
  CHECK(page.get("/api/status", cookie).status == 401);
}

TEST_CASE("E7: the reading token reads figures and opens nothing else") {
  Signed page;
  const web::Fields token = {{"authorization", "Bearer reading-token"}};
  CHECK(page.get("/metrics", token).status == 200);
  CHECK(page.get("/api/status", token).status == 200);
  CHECK(page.get("/", token).status == 401);
  CHECK(page.get("/api/events", token).status == 401);
  CHECK(page.get("/metrics", {{"authorization", "Bearer reading-toke"}}).status == 401);
  CHECK(page.get("/metrics", {{"authorization", "Bearer "}}).status == 401);
}

TEST_CASE("A: an action needs a session that may act, our origin and our token") {
  Signed page;
  const std::string session = cookie_of(page.enter(page.door.link_for("li", Role::operating)));
  const std::string csrf = page.door.visitor(session)->csrf;
  const std::string own = "http://127.0.0.1:8420";
  CHECK(page.act(session, {}).status == 403);
  CHECK(page.act(session, {{"x-qianzhi-token", csrf}}).status == 403);
  CHECK(page.act(session, {{"origin", "http://evil.example"}, {"x-qianzhi-token", csrf}}).status == 403);
  CHECK(page.act(session, {{"origin", "http://127.0.0.1:8421"}, {"x-qianzhi-token", csrf}}).status == 403);
  CHECK(page.act(session, {{"origin", "null"}, {"x-qianzhi-token", csrf}}).status == 403);
  CHECK(page.act(session, {{"origin", own}, {"x-qianzhi-token", std::string(64, '0')}}).status == 403);
  CHECK(page.act("", {{"origin", own}, {"x-qianzhi-token", ""}}).status == 401);
  CHECK(page.acts.empty());
  CHECK(page.act(session, {{"origin", own}, {"x-qianzhi-token", csrf}}).status == 200);
  CHECK(page.acts == "li retry 7;");
  const std::string viewer = cookie_of(page.enter(page.door.link_for("wang", Role::viewer)));
  CHECK(page.act(viewer, {{"origin", own}, {"x-qianzhi-token", page.door.visitor(viewer)->csrf}}).status == 403);
  CHECK(page.acts == "li retry 7;");
}

TEST_CASE("E: figures and events outlast a restart, and their file stays small") {
  const test::TempDir folder;
  const std::filesystem::path file = folder.path() / "history";
  {
    History history(file);
    test::fill(history);
  }
  History history(file);
  const std::vector<Sample> day = history.samples(Span::day);
  CHECK(day.size() == 1'440);
  CHECK(history.samples(Span::month).size() == 31);
  CHECK(day.back().sent > day.front().sent);
  CHECK(std::filesystem::file_size(file) < (1U << 20U));
  const std::vector<Event> events = history.events();
  REQUIRE(events.size() == 5);
  CHECK(events.front().ended == 0);
  CHECK(events.back().ended != 0);
  history.acknowledge(events.front().id, "li");
  CHECK(history.events().front().acknowledged == "li");
  CHECK(test::thrown_by([&] { history.acknowledge(events.front().id, "wang"); }) == "rejected QZ-PAGE-004");
}

TEST_CASE("E: a history that is damaged is begun anew") {
  const test::TempDir folder;
  const std::filesystem::path file = folder.path() / "history";
  std::ofstream(file) << std::string(20'000, 'x');
  History history(file);
  CHECK(history.samples(Span::day).empty());
}

TEST_CASE("E: metrics quote what they are given and tell no row") {
  const std::string text = to_metrics(test::attention_sample());
  CHECK(text.find("qianzhi_verdict{verdict=\"attention\"} 1\n") != std::string::npos);
  CHECK(
      text.find("qianzhi_publication_changed_rows_total{topic=\"commerce.opening_registration\"} 9007199254740993\n") !=
      std::string::npos);
  CHECK(text.find("qianzhi_stage_up{stage=\"uplink\"} 0\n") != std::string::npos);
  CHECK(text.find("\\\" onload") != std::string::npos);
  CHECK(text.find("registration_number") == std::string::npos);
}

TEST_CASE("E: ready says why it is not, and a hub that is away is no reason") {
  CHECK(readiness_of(test::well_sample()).is_ready);
  CHECK(readiness_of(test::retrying_sample()).is_ready);
  const Readiness failed = readiness_of(test::failed_sample());
  CHECK_FALSE(failed.is_ready);
  CHECK(failed.text.find("not ready\nQZ-AGT-") == 0);
  CHECK(readiness_of(test::not_configured_sample()).text == "not ready\nnot_configured\n");
  CHECK(readiness_of(test::starting_sample()).text == "not ready\nQZ-AGT-021\n");
}
