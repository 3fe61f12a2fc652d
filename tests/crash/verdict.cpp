#include "tests/crash/verdict.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cctype>
#include <chrono>

namespace qianzhi::crash {

namespace {

using Stopwatch = std::chrono::steady_clock;
constexpr auto longest = std::chrono::seconds(10);
constexpr std::array<const char*, 4> good_words = {"snapshot", "catching_up", "in_sync", "idle"};

// As a finding, or as what a row was set aside for.
bool page_names(const Page& page, const std::string& code) {
  return std::any_of(page.findings.begin(), page.findings.end(),
                     [&](const std::string& found) { return found.rfind(code, 0) == 0; }) ||
         (page.headline == "quarantine" && page.body.find(code) != std::string::npos);
}

// "status: retrying QZ-LINK-002 ..."
std::string logged(const Told& told) { return "status: " + told.headline + " " + told.code; }

std::string capitalised(std::string word) {
  word.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(word.front())));
  return word;
}

}  // namespace

void await_headline(Exchange& exchange, const std::string& headline) {
  exchange.await("headline " + headline, [&] { return exchange.page(Who::commerce).headline == headline; });
}

void check_told(Exchange& exchange, const Told& told, const std::function<void()>& happen) {
  const std::string log = exchange.file("commerce.log");
  const std::size_t before = text_of(log).size();
  happen();
  const auto begun = Stopwatch::now();
  const auto since = [&] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Stopwatch::now() - begun).count();
  };
  exchange.await("page: " + told.headline + " " + told.code, [&] {
    const Page page = exchange.page(Who::commerce);
    return page.headline == told.headline && page_names(page, told.code);
  });
  const auto on_page = since();
  exchange.await("log: " + logged(told), [&] { return text_of(log).find(logged(told), before) != std::string::npos; });
  INFO(told.headline << " " << told.code << ": page after " << on_page << " ms, log after " << since() << " ms");
  CHECK(Stopwatch::now() - begun < longest);
  if (exchange.has_small(Who::commerce)) return;  // its socket is on a file system that only it can see
  const std::string status = exchange.ask(Who::commerce, {"status"}).text;
  INFO(status);
  CHECK(status.find(capitalised(told.headline) + "  " + told.code) != std::string::npos);
  const std::string json = exchange.ask(Who::commerce, {"status", "--json"}).text;
  CHECK(json.find("\"headline\":\"" + told.headline + "\"") != std::string::npos);
  CHECK(json.find("\"" + told.code) != std::string::npos);
}

void check_cured(Exchange& exchange, const Told& told, const std::function<void()>& cure) {
  const std::string log = exchange.file("commerce.log");
  const std::size_t before = text_of(log).size();
  cure();
  exchange.await("a page without " + told.code, [&] {
    const Page page = exchange.page(Who::commerce);
    return page.verdict == "well" && !page_names(page, told.code);
  });
  exchange.await("a log that is told so", [&] {
    const std::string text = text_of(log);
    return std::any_of(good_words.begin(), good_words.end(), [&](const char* word) {
      return text.find(std::string("status: ") + word + " ", before) != std::string::npos;
    });
  });
}

}  // namespace qianzhi::crash
