#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <set>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/handbook.h"
#include "tests/support/errors.h"

using namespace qianzhi;
using qianzhi::test::thrown_by;

namespace {

Bytes all_octets() {
  Bytes octets;
  for (int i = 0; i < 256; ++i) octets.push_back(static_cast<char>(i));
  return octets;
}

// How a child process that runs the call ends: its wait status.
template <class Call>
int status_of_child(const Call& call) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    close(STDERR_FILENO);
    // Catch would report the signal of an aborting child as a failure of the test.
    std::signal(SIGABRT, SIG_DFL);
    call();
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

}  // namespace

TEST_CASE("Hexadecimal text is lower case and reads back as the same octets") {
  CHECK(to_hex("") == "");
  CHECK(to_hex(std::string_view("\x00\x0f\xf0\xff", 4)) == "000ff0ff");
  CHECK(from_hex(to_hex(all_octets())) == all_octets());
  CHECK(from_hex("aBcDeF") == "\xab\xcd\xef");
}

TEST_CASE("Hexadecimal text with an odd length or another character is rejected") {
  for (const char* bad : {"a", "abc", "0g", "g0", " 0", "0x", "0\n", "-1", "００"}) {
    INFO(bad);
    CHECK(thrown_by([&] { from_hex(bad); }) == "rejected QZ-BASE-001");
  }
  CHECK(thrown_by([] { from_hex(std::string_view("\0\0", 2)); }) == "rejected QZ-BASE-001");
}

TEST_CASE("A digest is 32 octets or none, and none is empty on the wire") {
  const Digest none = Digest::from_bytes("");
  CHECK(none.is_zero());
  CHECK(none == Digest{});
  CHECK(none.bytes().empty());
  CHECK(none.hex() == std::string(64, '0'));

  const Bytes octets = all_octets().substr(100, 32);
  const Digest digest = Digest::from_bytes(octets);
  CHECK_FALSE(digest.is_zero());
  CHECK(digest.bytes() == octets);
  CHECK(digest.hex() == to_hex(octets));
  for (const std::size_t size : {1U, 31U, 33U, 64U})
    CHECK(thrown_by([&] { Digest::from_bytes(Bytes(size, 'x')); }) == "rejected QZ-BASE-002");
}

TEST_CASE("Digests differ in each single octet, and are ordered by octets") {
  const Digest one = Digest::from_bytes(Bytes(32, 'm'));
  for (std::size_t i = 0; i < Digest::size; ++i) {
    Digest other = one;
    other.octets[i] = 'n';
    CHECK(other != one);
    CHECK(one < other);
    CHECK_FALSE(other.is_zero());
  }
}

TEST_CASE("The system clock runs, and its steady time never goes back") {
  const SystemClock clock;
  CHECK(clock.now() > 1'600'000'000'000'000);
  Micros last = clock.steady();
  for (int i = 0; i < 10'000; ++i) {
    const Micros next = clock.steady();
    REQUIRE(next >= last);
    last = next;
  }
}

TEST_CASE("System randomness has the asked length and does not repeat") {
  SystemRandom random;
  CHECK(random.bytes(0).empty());
  CHECK(random.bytes(1000).size() == 1000);
  std::set<Bytes> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.bytes(16));
  CHECK(seen.size() == 1000);
}

TEST_CASE("A time is written in UTC with six decimals, also before 1970 and for any year") {
  CHECK(to_text(0) == "1970-01-01T00:00:00.000000Z");
  CHECK(to_text(1'000'001) == "1970-01-01T00:00:01.000001Z");
  CHECK(to_text(-1) == "1969-12-31T23:59:59.999999Z");
  CHECK(to_text(-1'000'000) == "1969-12-31T23:59:59.000000Z");
  CHECK(to_text(951'782'400'000'000) == "2000-02-29T00:00:00.000000Z");
  CHECK(to_text(253'402'300'799'999'999) == "9999-12-31T23:59:59.999999Z");
  CHECK(to_text(INT64_MAX).back() == 'Z');
  CHECK(to_text(INT64_MIN).back() == 'Z');
}

TEST_CASE("An error carries kind, code, detail and hint, and its text begins with the code") {
  const Error error(ErrorKind::full, "QZ-BASE-004", "seen", "do this");
  CHECK(error.kind() == ErrorKind::full);
  CHECK(error.code() == "QZ-BASE-004");
  CHECK(error.detail() == "seen");
  CHECK(error.hint() == "do this");
  CHECK(std::string(error.what()) == "QZ-BASE-004: seen");
  CHECK(std::string(Error(ErrorKind::full, "QZ-BASE-004", "").what()) == "QZ-BASE-004");
}

TEST_CASE("Each kind of error has its own name") {
  CHECK(name_of(ErrorKind::unavailable) == "unavailable");
  CHECK(name_of(ErrorKind::rejected) == "rejected");
  CHECK(name_of(ErrorKind::corrupt) == "corrupt");
  CHECK(name_of(ErrorKind::full) == "full");
  CHECK(name_of(ErrorKind::misuse) == "misuse");
}

TEST_CASE("A broken assertion ends the process, also in release builds") {
  const int broken = status_of_child([] { QZ_ASSERT(1 + 1 == 3); });
  CHECK((WIFSIGNALED(broken) && WTERMSIG(broken) == SIGABRT));
  const int held = status_of_child([] { QZ_ASSERT(1 + 1 == 2); });
  CHECK((WIFEXITED(held) && WEXITSTATUS(held) == 0));
}

TEST_CASE("E: every code is explained offline, and an unknown one is not") {
  const auto all = all_explanations();
  REQUIRE_FALSE(all.empty());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto found = explain(all[i].code);
    REQUIRE(found.has_value());
    CHECK(found->title_zh == all[i].title_zh);
    if (i > 0) CHECK(all[i - 1].code < all[i].code);
  }
  CHECK(explain("QZ-BASE-001")->title_en == "not valid hexadecimal text");
  for (const char* unknown : {"", "QZ-BASE-999", "qz-base-001", "QZ-BASE-001 "}) CHECK_FALSE(explain(unknown));
}

TEST_CASE("E3 the handbook has every code once, with cause, safety of data, cure and what shows that it is mended") {
  const std::string markdown = handbook_markdown();
  const std::string html = handbook_html();
  for (const Explanation& one : all_explanations()) {
    INFO(one.code);
    const std::string head = "\n### " + std::string(one.code) + " ";
    const std::size_t at = markdown.find(head);
    REQUIRE(at != std::string::npos);
    CHECK(markdown.find(head, at + 1) == std::string::npos);
    CHECK(html.find("<h3 id=\"" + std::string(one.code) + "\">" + std::string(one.code) + " ") != std::string::npos);
    const std::string section = markdown.substr(at, markdown.find("\n### ", at + 1) - at);
    for (const char* label : {"原因 / cause", "数据 / data", "处理 / what to do", "确认 / mended if"})
      CHECK(section.find("- **" + std::string(label) + "**: ") != std::string::npos);
    CHECK(section.find(std::string(guidance_of(one.code).safe_en)) != std::string::npos);
    // Said for its area, not by the general words that stand in for want of better ones.
    CHECK(guidance_of(one.code).beginning.size() > std::string_view("QZ-").size());
  }
  CHECK(markdown.find("## 其他") == std::string::npos);
  CHECK(html.find("<script") == std::string::npos);
}

TEST_CASE("E3 the longest beginning of a code says whether data is safe") {
  CHECK(guidance_of("QZ-AGT-033").beginning == "QZ-AGT-033");
  CHECK(guidance_of("QZ-AGT-032").beginning == "QZ-AGT-03");
  CHECK(guidance_of("QZ-MAP-013").seen_en.find("quarantine list") != std::string_view::npos);
  CHECK(guidance_of("QZ-NONE-001").beginning == "QZ-");
}
