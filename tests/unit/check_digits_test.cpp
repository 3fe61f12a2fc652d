#include "agent/mapping/check_digits.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace qianzhi;
using namespace qianzhi::mapping;

namespace {

// Every other letter of the alphabet in every place: how many slip through.
std::size_t undetected_substitutions(CheckRule rule, const std::string& valid, const std::string& alphabet,
                                     bool (*holds)(std::string_view)) {
  std::size_t slipped = 0;
  for (std::size_t at = 0; at < valid.size(); ++at) {
    for (const char c : alphabet) {
      if (c == valid[at]) continue;
      std::string changed = valid;
      changed[at] = c;
      if (holds(changed)) ++slipped;
    }
  }
  CHECK(check_holds(rule, valid));
  return slipped;
}

const std::string digits = "0123456789";
const std::string credit_letters = "0123456789ABCDEFGHJKLMNPQRTUWXY";

}  // namespace

TEST_CASE("P45: published codes of all four kinds hold") {
  for (const char* code : {"91350100M000100Y43", "9144030071526726XG", "914403001922038216", "91330100799655058B",
                           "12100000400002259P", "12100000400000624D", "91110108551385082Q"}) {
    INFO(code);
    CHECK(is_credit_code(code));
  }
  for (const char* code : {"D2143569X", "71526726X", "192203821", "400002259", "71526726-X"}) {
    INFO(code);
    CHECK(is_organisation_code(code));
  }
  for (const char* code : {"11010519491231002X", "440524188001010014"}) {
    INFO(code);
    CHECK(is_citizen_id(code));
  }
  for (const char* code : {"440301103448669", "440301103097413", "110108012660422", "110108000000016"}) {
    INFO(code);
    CHECK(is_registration_number(code));
  }
}

TEST_CASE("P45: the misprint in the credit code standard is caught") {
  CHECK_FALSE(is_credit_code("91350100M000100Y4Z"));
}

TEST_CASE("P45: every single-character substitution is caught") {
  CHECK(undetected_substitutions(CheckRule::credit_code, "91350100M000100Y43", credit_letters, is_credit_code) == 0);
  CHECK(undetected_substitutions(CheckRule::registration_number, "440301103448669", digits, is_registration_number) ==
        0);
  CHECK(undetected_substitutions(CheckRule::citizen_id, "11010519491231002X", digits, is_citizen_id) == 0);
  CHECK(undetected_substitutions(CheckRule::organisation_code, "192203821", digits, is_organisation_code) == 0);
}

TEST_CASE("P45: swapped neighbours in a credit code are caught") {
  const std::string valid = "91350100M000100Y43";
  for (std::size_t at = 0; at + 1 < valid.size(); ++at) {
    if (valid[at] == valid[at + 1]) continue;
    std::string changed = valid;
    std::swap(changed[at], changed[at + 1]);
    INFO(changed);
    CHECK_FALSE(is_credit_code(changed));
  }
}

TEST_CASE("P45: organisation and credit codes count letters differently") {
  CHECK(organisation_code_check_digit("MA01A1B2") == '1');  // 4 with the other alphabet
  CHECK(organisation_code_check_digit("D2143569") == 'X');
}

TEST_CASE("P45: a rule speaks only of what it is about") {
  CHECK(check_holds(CheckRule::registration_number, "4401012000123"));       // 13 digits: older than the rule
  CHECK(check_holds(CheckRule::registration_number, "914403001922038216"));  // the new kind of number
  CHECK_FALSE(check_holds(CheckRule::registration_number, "440301103448660"));
  CHECK(check_holds(CheckRule::citizen_id, "E12345678"));        // a passport
  CHECK(check_holds(CheckRule::citizen_id, "110105491231002"));  // 15 digits, before 1999
  CHECK_FALSE(check_holds(CheckRule::citizen_id, "110105194912310021"));
  CHECK_FALSE(check_holds(CheckRule::organisation_code, "12345"));
  CHECK_FALSE(check_holds(CheckRule::credit_code, ""));
  CHECK(check_holds(CheckRule::none, "anything"));
}

TEST_CASE("P45: an identity number needs a birth date that exists") {
  std::string body = "44052418800230001";  // 30 February
  body += citizen_id_check_digit(body);
  CHECK_FALSE(is_citizen_id(body));
}

TEST_CASE("P45: organisation codes for private use are not for exchange") {
  std::string body = "PDY00001";
  body += organisation_code_check_digit(body);
  CHECK_FALSE(is_organisation_code(body));
}
