// The text of the page: escaping, times, numbers, the choice of the reason. The browser test checks the figures.
#include <catch2/catch.hpp>

#include "agent/status/assets.h"
#include "agent/status/findings.h"
#include "agent/status/page_server.h"
#include "tests/browser/page_samples.h"

using namespace qianzhi;
using namespace qianzhi::status;

namespace {

constexpr Micros second = 1'000'000;

bool shows(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string zh(const Snapshot& snapshot) { return to_plain_html(snapshot, Language::zh); }
std::string en(const Snapshot& snapshot) { return to_plain_html(snapshot, Language::en); }

// From the verdict's opening to its end.
std::string verdict_of(const std::string& page) {
  const std::size_t begin = page.find("id=\"verdict\"");
  return page.substr(begin, page.find("</section>", begin) - begin);
}

}  // namespace

TEST_CASE("A: a hostile text in any field stands in the page as text") {
  const std::string evil = test::hostile_text();
  Snapshot snapshot = test::attention_sample();
  snapshot.version = snapshot.agent = snapshot.department = snapshot.hub_url = evil;
  for (flow::StageStatus& stage : snapshot.stages) stage.name = stage.error_code = stage.error_detail = evil;
  for (PublicationStatus& line : snapshot.publications)
    line.topic = line.title = line.source = line.table = line.last = line.receipted = line.code = line.detail = evil;
  for (flow::LaneStatus& lane : snapshot.lanes) {
    lane.topic = lane.origin = lane.target = lane.state_code = lane.state_detail = evil;
    lane.granted = lane.complete = GroupSet::of({evil});
  }
  for (QuarantineLine& line : snapshot.quarantine)
    line.side = line.topic = line.origin = line.code = line.detail = evil;
  snapshot.notices = {{flow::NoticeLevel::error, evil, evil, evil}};
  for (const std::string& page : {zh(snapshot), en(snapshot)}) {
    CHECK_FALSE(shows(page, "<script"));
    CHECK_FALSE(shows(page, "</script"));
    CHECK_FALSE(shows(page, "\" onload"));
    CHECK_FALSE(shows(page, "'owned'"));
    CHECK_FALSE(shows(page, "\xE2\x80\xAE"));
    CHECK(shows(page, "&lt;script&gt;"));
  }
}

TEST_CASE("E: text that is no UTF-8 or would steer a terminal is replaced") {
  CHECK(readable("a\xFF\xE4\xB8") == "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(readable("\x1B[31m") == "\xEF\xBF\xBD[31m");
  CHECK(readable("two\nlines") == "two lines");
  CHECK(readable("工商") == "工商");
  CHECK(escaped("<&>\"'") == "&lt;&amp;&gt;&quot;&#39;");
}

TEST_CASE("E: numbers are grouped and sizes are never rounded up") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'000) == "1,000");
  CHECK(grouped(18'446'744'073'709'551'615U) == "18,446,744,073,709,551,615");
  CHECK(octets_text(0) == "0 B");
  CHECK(octets_text(1'023) == "1023 B");
  CHECK(octets_text(1'024) == "1 KiB");
  CHECK(octets_text(1'310'720) == "1.2 MiB");
  CHECK(octets_text((std::uint64_t{1} << 30) - 1) == "1023.9 MiB");
  CHECK(octets_text(18'446'744'073'709'551'615U) == "15.9 EiB");
}

TEST_CASE("E: times say how long ago they were, and never that the future has passed") {
  CHECK(age_text(5 * second, 8 * second, Language::zh) == "3 秒前");
  CHECK(age_text(5 * second, 8 * second, Language::en) == "3 s ago");
  CHECK(age_text(0, 119 * second, Language::en) == "119 s ago");
  CHECK(age_text(0, 120 * second, Language::zh) == "2 分钟前");
  CHECK(age_text(0, 7'200 * second, Language::en) == "2 h ago");
  CHECK(age_text(0, 172'800 * second, Language::zh) == "2 天前");
  CHECK(age_text(8 * second, 5 * second, Language::zh) == "3 秒后");
  CHECK(age_text(8 * second, 5 * second, Language::en) == "in 3 s");
  CHECK(span_text(-second, Language::en) == "0 s");
}

TEST_CASE("E: the page speaks the language of its configuration until a link asks for another") {
  CHECK(language_of("zh-CN") == Language::zh);
  CHECK(language_of("en-GB") == Language::en);
  CHECK(language_of("") == Language::zh);
  CHECK(shows(zh(test::well_sample()), "<html lang=\"zh-CN\">"));
  CHECK(shows(zh(test::well_sample()), "href=\"/plain?lang=en\""));
  CHECK(shows(en(test::well_sample()), "<html lang=\"en\">"));
  CHECK(shows(en(test::well_sample()), "href=\"/plain?lang=zh\""));
}

TEST_CASE("E: the verdict names the cause before what follows from it, and the next step") {
  Snapshot snapshot = test::attention_sample();
  snapshot.notices = {{flow::NoticeLevel::warning, "QZ-AGT-060", "a <- b", "no grant"}};
  const std::string away = verdict_of(zh(snapshot));
  CHECK(shows(away, "连不上中心"));
  CHECK(shows(away, "已持续 12 分钟"));
  CHECK(shows(away, "<code>qianzhi explain QZ-LINK-002</code>"));
  CHECK_FALSE(shows(away, "QZ-AGT-060"));
  snapshot.notices.push_back({flow::NoticeLevel::error, "QZ-AGT-051", "c <- d", "gap"});
  snapshot.verdict = Verdict::failed;
  CHECK(shows(verdict_of(en(snapshot)), "qianzhi explain QZ-AGT-051"));
}

TEST_CASE("E: the plain page leads to the documents, and each code to its place in the handbook") {
  Snapshot snapshot = test::attention_sample();
  snapshot.notices = {{flow::NoticeLevel::warning, "QZ-AGT-060", "a <- b", "no grant"},
                      {flow::NoticeLevel::warning, "QZ-XYZ-1\"", "a", "of a newer adapter"}};
  const std::string page = en(snapshot);
  CHECK(shows(page, "<a href=\"/plain/documents?name=HANDBOOK&amp;lang=en#QZ-AGT-060\">"));
  CHECK_FALSE(shows(page, "#QZ-XYZ"));
  CHECK(shows(page, "<a href=\"/plain/documents?lang=en\">Documents</a>"));
  const auto handbook = to_plain_document("HANDBOOK", Language::en);
  REQUIRE(handbook);
  CHECK(shows(*handbook, "<h3 id=\"QZ-AGT-060\">"));
  CHECK(shows(*handbook, "<a href=\"/plain?lang=en\">Status</a>"));
  const auto list = to_plain_document("", Language::zh);
  REQUIRE(list);
  for (const Asset& document : documents())
    CHECK(shows(*list, "<a href=\"/plain/documents?name=" + std::string(document.path) + "&amp;lang=zh\">"));
  CHECK_FALSE(to_plain_document("../HANDBOOK", Language::zh));
}

TEST_CASE("E: rows set aside alone make a verdict of their own") {
  Snapshot snapshot = test::well_sample();
  snapshot.verdict = Verdict::attention;
  snapshot.quarantined = 3;
  CHECK(shows(verdict_of(zh(snapshot)), "3 行未通过检查，已隔离；其他数据照常交换。"));
  CHECK(shows(verdict_of(zh(snapshot)), "<code>qianzhi quarantine list</code>"));
}

TEST_CASE("E: a good verdict claims no more than the figures say") {
  Snapshot snapshot = test::well_sample();
  CHECK(shows(verdict_of(zh(snapshot)), "已全部取得回执"));
  snapshot.publications[0].waiting_rows = 5;
  CHECK_FALSE(shows(verdict_of(zh(snapshot)), "已全部取得回执"));
  CHECK(shows(verdict_of(zh(snapshot)), "5 行在本机队列中等待回执"));
  snapshot.lanes[0].head = {};
  CHECK_FALSE(shows(verdict_of(zh(snapshot)), "都已写入"));
  CHECK(shows(verdict_of(zh(snapshot)), "1 个尚不知道交换中心的进度"));
  snapshot.lanes[0].mark = {};
  CHECK(shows(verdict_of(zh(snapshot)), "1 个尚无数据，其余都已写入本机。"));
  snapshot.lanes[0].head = {2, 1};
  CHECK(shows(verdict_of(en(snapshot)), "catching up: 1."));
}

TEST_CASE("E: one cause in many places is told once, its places counted") {
  Snapshot snapshot = test::well_sample();
  snapshot.verdict = Verdict::failed;
  for (int number = 0; number < 22; ++number)
    snapshot.notices.push_back({flow::NoticeLevel::error, "QZ-AGT-059", "topic " + std::to_string(number), ""});
  REQUIRE(findings_of(snapshot).size() == 1);
  CHECK(findings_of(snapshot).front().places.size() == 22);
  CHECK(shows(verdict_of(zh(snapshot)), "topic 0</bdi> 等 22 处"));
  CHECK(shows(en(snapshot), "and 17 more"));
}

TEST_CASE("E: what is not known is not shown as zero") {
  const std::string page = zh(test::starting_sample());
  CHECK(shows(page, "未知"));
  CHECK_FALSE(shows(page, "目录版本</dt><dd>0"));
  CHECK(shows(page, "<td class=\"n\">–</td>"));
  CHECK(shows(page, "不限"));
  CHECK_FALSE(shows(page, "1970-01-01"));
}

TEST_CASE("E: a refill says how far it is and what is left of it, and no more than is known") {
  Snapshot snapshot = test::failed_sample();
  CHECK(shows(zh(snapshot), "12 % · 120,000 行 · 约剩 5 小时 · 限速至 "));
  flow::TableProgress& progress = snapshot.publications[2].progress;
  progress.left = -1;
  progress.limited_until = 0;
  CHECK(shows(zh(snapshot), "<br><small>12 % · 120,000 行</small>"));
  progress.estimated = -1;
  CHECK(shows(zh(snapshot), "<br><small>120,000 行，总数未知</small>"));
  progress.estimated = 100'000;
  CHECK(shows(zh(snapshot), "<br><small>120,000 行，超过估计</small>"));
}

TEST_CASE("E: a list of quarantine that was cut says so") {
  Snapshot snapshot = test::attention_sample();
  snapshot.quarantined = 1'500;
  CHECK(shows(zh(snapshot), "只列出前 3 行。"));
  CHECK(shows(zh(snapshot), "隔离区 (1,500)"));
}
