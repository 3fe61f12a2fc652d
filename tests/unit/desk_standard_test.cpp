#include <catch2/catch.hpp>

#include <string>

#include "agent/desk/standard/addresses.h"
#include "agent/desk/standard/characters.h"
#include "agent/desk/standard/codes.h"
#include "agent/desk/standard/functions.h"
#include "agent/desk/standard/names.h"

using namespace qianzhi::desk::standard;

namespace {

std::string text_by(const std::string& function, const std::string& text) {
  for (const NamedFunction& named : text_functions())
    if (named.name == function) return named.function(text).value_or("NULL");
  return "no such function";
}

}  // namespace

TEST_CASE("S2.7 S4.7: codes come into one form, with what was changed", "[standard]") {
  const Code credit = code_of("９１３５０１００Ｍ000100y43 ", CodeKind::credit_code);
  CHECK(credit.text == "91350100M000100Y43");
  CHECK(credit.is_sound);
  CHECK(codes_of(credit.changes) == "width,letter_case,spaces");
  const auto inside = organisation_code_in(code_of("9144030071526726XG", CodeKind::credit_code));
  REQUIRE(inside);
  CHECK(inside->text == "71526726X");
  CHECK(codes_of(inside->changes) == "organisation_in_credit");
  CHECK(code_of("71526726-x").text == "71526726X");
  CHECK(code_of("71526726-x").kind == CodeKind::organisation_code);
  CHECK(code_of("440301103448669").kind == CodeKind::registration_number);
  CHECK(code_of("440301103448668").kind == CodeKind::unknown);
  const auto of_taxpayer = organisation_code_in(code_of("44030071526726X", CodeKind::taxpayer_id));
  REQUIRE(of_taxpayer);
  CHECK(codes_of(of_taxpayer->changes) == "organisation_in_taxpayer");
  CHECK_FALSE(organisation_code_in(code_of("440300715267260", CodeKind::taxpayer_id)));
}

TEST_CASE("S2.7: a letter O for a zero is suggested, never put right silently", "[standard]") {
  const Code code = code_of("9135O100M000100Y43", CodeKind::credit_code);
  CHECK_FALSE(code.is_sound);
  CHECK(code.text == "9135O100M000100Y43");
  CHECK(code.suggestion == "91350100M000100Y43");
  CHECK(code_of("7l526726X", CodeKind::organisation_code).suggestion.empty());
  CHECK(code_of("7I526726X", CodeKind::organisation_code).suggestion == "71526726X");
}

TEST_CASE("S2.7: a citizen number of 15 digits is made 18", "[standard]") {
  const Code code = code_of("110105491231002", CodeKind::citizen_id);
  CHECK(code.text == "11010519491231002X");
  CHECK(codes_of(code.changes) == "citizen_15_to_18");
  CHECK_FALSE(code_of("110105491331002", CodeKind::citizen_id).is_sound);
}

TEST_CASE("S2.7: names are taken apart into place, core, form and branch", "[standard]") {
  const Name name = name_of("廣東省廣州市天河區宏達（上海）貿易有限責任公司（第二分公司）");
  CHECK(encoded(name.place.province) == "广东");
  CHECK(encoded(name.place.city) == "广州");
  CHECK(encoded(name.place.district) == "天河");
  CHECK(encoded(name.bracket) == "上海");
  CHECK(name.bracket_is_region);
  CHECK(encoded(name.core) == "宏达贸易");
  CHECK(name.form == Form::limited);
  CHECK(encoded(name.branch) == "第2分公司");
  CHECK(name.text() == "广州天河宏达贸易(上海)有限公司第2分公司");
  CHECK(codes_of(name.changes) == "traditional,brackets,ordinal,limited_liability,province_word,city_word");
  CHECK(encoded(name_of("乌海市海南区金源化工有限公司").place.district) == "海南");
  CHECK(name_of("海南金源化工有限公司").place.city.empty());
  CHECK(encoded(name_of("海南金源化工有限公司").place.province) == "海南");
  CHECK(encoded(name_of("吉林市金源化工有限公司").place.city) == "吉林");
  CHECK(name_of("中山路小食店").place.empty());
  CHECK(name_of("").core.empty());
  CHECK(name_of("\xFF\xFE").core.size() == 2);
  CHECK(name_of(std::string(5000, 'a')).core.size() == max_characters);
}

TEST_CASE("S2.7: addresses are compared by their parts", "[standard]") {
  const Address address = address_of("广州市越秀区建设街道建设二马路５号三楼");
  CHECK(encoded(address.street) == "建设");
  CHECK(encoded(address.road) == "建设二马路");
  CHECK(encoded(address.number) == "5");
  CHECK(encoded(address.rest) == "三楼");
  const auto relation = [](const char* left, const char* right) {
    return relation_of(address_of(left), address_of(right));
  };
  CHECK(relation("广州市天河区石牌东路12号", "天河区石牌东路十二号") == AddressRelation::same);
  CHECK(relation("广州市天河区石牌东路12号", "天河区石牌东路21号") == AddressRelation::different);
  CHECK(relation("广州市天河区中山路12号", "广州市越秀区中山路12号") == AddressRelation::different);
  CHECK(relation("广州市天河区", "广州市天河区") == AddressRelation::unknown);
  CHECK(relation("", "天河区石牌东路12号") == AddressRelation::unknown);
}

TEST_CASE("S2.7: the functions for rules give standard forms, or nothing", "[standard]") {
  CHECK(text_by("qz_date", " 2006年3月1日") == "2006-03-01");
  CHECK(text_by("qz_date", "２００６．３．１") == "2006-03-01");
  CHECK(text_by("qz_date", "20060301") == "2006-03-01");
  CHECK(text_by("qz_date", "民国95年3月1日") == "NULL");
  CHECK(text_by("qz_date", "2006-02-30") == "NULL");
  CHECK(text_by("qz_name", "廣州市宏達貿易有限責任公司") == "广州宏达贸易有限公司");
  CHECK(text_by("qz_name_core", "广州市宏达贸易有限公司天河分公司") == "宏达贸易");
  CHECK(text_by("qz_organisation_code_in", "9144030071526726XG") == "71526726X");
  CHECK(text_by("qz_organisation_code_in", "71526726-X") == "71526726X");
  CHECK(text_by("qz_code", "not a code") == "NULL");
  CHECK(text_by("qz_person", "張　三") == "张三");
  CHECK(text_by("qz_address", "天河區石牌東路十二號") == "天河石牌东路12号");
}
