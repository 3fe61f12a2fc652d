#include <catch2/catch.hpp>

#include "hub-protocol/ca/token.h"
#include "hub-protocol/enrol/attempts.h"
#include "hub-protocol/enrol/network.h"
#include "tests/support/throws.h"

using namespace qianzhi;

namespace {

ca::Token sample() {
  return {Bytes("\x00\x01\xfe\xff"
                "secretsecret",
                16),
          Bytes(20, '\x5a'), "exchange.example.org:8443"};
}

// Of the error that reading this text throws.
std::string fault_of(const std::string& text) {
  try {
    ca::token_from_text(text);
  } catch (const Error& error) {
    CHECK(error.code() == "QZ-AGT-120");
    return error.detail();
  }
  return {};
}

}  // namespace

TEST_CASE("a token survives being typed, and every single slip is told with its group") {
  const std::string text = ca::to_text(sample());
  CHECK(ca::token_from_text(text) == sample());
  std::string typed;
  for (const char c : text) typed += c == '0' ? 'o' : c == '1' ? 'l' : static_cast<char>(std::tolower(c));
  CHECK(ca::token_from_text(" " + typed + "\n") == sample());
  const std::string alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-') continue;
    const std::string group = "group " + std::to_string(i / 7 + 1);
    for (const char c : alphabet) {
      std::string wrong = text;
      wrong[i] = c;
      if (c != text[i] && fault_of(wrong) != group) FAIL("not noticed at " << i << ": " << fault_of(wrong));
    }
    std::string strange = text;
    strange[i] = '%';
    CHECK(fault_of(strange) == group);
  }
}

TEST_CASE("a token of other groups is refused: swapped, missing, doubled, none") {
  const std::string text = ca::to_text(sample());
  const std::string first = text.substr(0, 6);
  const std::string second = text.substr(7, 6);
  CHECK(fault_of(second + "-" + first + text.substr(13)) == "group 1");
  CHECK_FALSE(fault_of(text.substr(7)).empty());
  CHECK_FALSE(fault_of(text.substr(0, 13)).empty());
  CHECK_FALSE(fault_of(text + "-" + first).empty());
  CHECK_FALSE(fault_of("").empty());
  CHECK_FALSE(fault_of(std::string(5000, 'A')).empty());
}

TEST_CASE("the place a token may be used from") {
  CHECK(enrol::is_network("10.1.0.0/16"));
  CHECK(enrol::is_network("2001:db8::/32"));
  CHECK(enrol::is_network("10.1.2.3"));
  for (const char* wrong : {"", "10.1.0.0/33", "10.1.0.0/", "10.1.0.0/8x", "host.example/8", "/8"})
    CHECK_FALSE(enrol::is_network(wrong));
  CHECK(enrol::contains("10.1.0.0/16", "10.1.255.3"));
  CHECK(enrol::contains("10.1.0.0/16", "::ffff:10.1.2.3"));
  CHECK_FALSE(enrol::contains("10.1.0.0/16", "10.2.0.1"));
  CHECK(enrol::contains("10.1.2.3", "10.1.2.3"));
  CHECK_FALSE(enrol::contains("10.1.2.3", "10.1.2.4"));
  CHECK(enrol::contains("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(enrol::contains("2001:db8::/33", "2001:db8:8000::1"));
  CHECK_FALSE(enrol::contains("0.0.0.0/0", "2001:db8::1"));
  CHECK_FALSE(enrol::contains("10.1.0.0/16", "nonsense"));
}

TEST_CASE("refusals are counted by address and in all, and forgotten after their window") {
  using Verdict = enrol::Attempts::Verdict;
  enrol::Attempts attempts({2, 3, 1000});
  const auto fail = [&](const std::string& address) {
    CHECK(attempts.judge(address, 0) == Verdict::go_on);
    attempts.refused(address);
  };
  fail("a");
  fail("a");
  CHECK(attempts.judge("a", 0) == Verdict::first_refused);
  CHECK(attempts.judge("a", 0) == Verdict::refused);
  fail("b");
  CHECK(attempts.judge("c", 0) == Verdict::refused);
  CHECK(attempts.judge("a", 1000) == Verdict::go_on);
}
