#include "agent/desk/match/compare.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "agent/desk/standard/characters.h"

namespace qianzhi::desk::match {

namespace {

using standard::AddressRelation;
using standard::Form;
using standard::Name;

struct ReasonWords {
  std::string_view code;
  std::string_view zh;
  std::string_view en;
};

constexpr std::array<ReasonWords, 20> reason_words = {{
    {"same_code", "代码相同", "a code agrees"},
    {"other_code", "代码不同", "codes of one kind differ"},
    {"same_name", "字号、行业相同", "trade name and line of business agree"},
    {"loose_name", "名称用字相近（异体字、数字写法）", "the names agree if read loosely"},
    {"near_name", "名称只差少数字", "few characters of the names differ"},
    {"part_of_name", "一个名称包含另一个", "one name holds the other"},
    {"other_name", "名称不同", "the names differ"},
    {"same_place", "行政区划相同", "the place agrees"},
    {"place_missing", "缺少行政区划", "a place is missing"},
    {"district_on_one_side", "只有一方写明区县", "a district on one side only"},
    {"other_place", "行政区划不同", "the places differ"},
    {"other_form", "组织形式不同", "the forms differ"},
    {"other_branch", "分支机构不同", "the branches differ"},
    {"bracket_and_place", "括号中的区划", "a place in brackets"},
    {"same_person", "负责人相同", "the person agrees"},
    {"other_person", "负责人不同", "the persons differ"},
    {"same_address", "地址相同", "the address agrees"},
    {"other_address", "地址不同", "the addresses differ"},
    {"shop_name", "个体户名称不唯一", "names of shops are not unique"},
    {"decided", "人工已判定", "decided by a person"},
}};

enum class CodeRelation { none, same, differ };
enum class PlaceRelation { same, missing, district_on_one_side, other };
enum class NameRelation { same, loose, near, part, other };

CodeRelation relation_of(const std::vector<standard::Code>& left, const std::vector<standard::Code>& right) {
  bool differ = false;
  for (const standard::Code& a : left)
    for (const standard::Code& b : right) {
      if (a.kind != b.kind) continue;
      if (a.text == b.text) return CodeRelation::same;
      differ = true;
    }
  return differ ? CodeRelation::differ : CodeRelation::none;
}

PlaceRelation relation_of(const standard::Place& left, const standard::Place& right) {
  if (left.empty() || right.empty()) return PlaceRelation::missing;
  if (left.province != right.province || left.city != right.city) return PlaceRelation::other;
  if (left.district == right.district)
    return left.bare_district == right.bare_district ? PlaceRelation::same : PlaceRelation::district_on_one_side;
  if (left.district.empty() || right.district.empty()) return PlaceRelation::district_on_one_side;
  return PlaceRelation::other;
}

bool holds(const std::u32string& whole, const std::u32string& part) {
  return part.size() >= 2 && whole.find(part) != whole.npos;
}

std::u32string digits_of(const std::u32string& loose) {
  std::u32string digits;
  std::copy_if(loose.begin(), loose.end(), std::back_inserter(digits),
               [](char32_t c) { return c >= U'0' && c <= U'9'; });
  return digits;
}

NameRelation relation_of(const Name& left, const Name& right) {
  if (left.core == right.core && !left.core.empty()) return NameRelation::same;
  if (left.loose == right.loose && !left.core.empty()) return NameRelation::loose;
  // Another number is no slip of the pen: 第1棉纺厂, 第2棉纺厂.
  if (digits_of(left.loose) != digits_of(right.loose)) return NameRelation::other;
  if (holds(left.core, right.core) || holds(right.core, left.core)) return NameRelation::part;
  const std::size_t size = std::min(left.core.size(), right.core.size());
  const std::size_t limit = size >= 4 ? 2 : 1;
  if (size >= 2 && standard::distance(left.loose, right.loose, limit) <= limit) return NameRelation::near;
  if (size >= 2 && standard::distance(left.whole, right.whole, limit) <= limit) return NameRelation::near;
  return NameRelation::other;
}

// All that the comparison found; the rules below only look at this.
struct Evidence {
  CodeRelation code = CodeRelation::none;
  PlaceRelation place = PlaceRelation::missing;
  NameRelation name = NameRelation::other;
  AddressRelation address = AddressRelation::unknown;
  bool is_form_same = false;
  bool is_form_written = false;
  bool is_bracket_same = false;
  bool is_region_in_both_brackets = false;
  bool is_branch_same = false;
  bool is_branch_near = false;
  bool is_person_same = false;
  bool is_person_other = false;
  bool is_shop = false;
  bool is_whole_same = false;    // but for brackets
  bool is_end_of_other = false;  // as a whole: 海南岛 may be a place before 岛, or a trade name

  bool has_support() const { return is_person_same || address == AddressRelation::same; }
  bool is_full_support() const { return is_person_same && address == AddressRelation::same; }
};

std::u32string bare(const std::u32string& text) {
  std::u32string result;
  std::copy_if(text.begin(), text.end(), std::back_inserter(result), [](char32_t c) { return c != U'(' && c != U')'; });
  return result;
}

Evidence evidence_of(const Party& left, const Party& right) {
  const Name& a = left.name;
  const Name& b = right.name;
  Evidence found;
  found.code = relation_of(left.codes, right.codes);
  found.place = relation_of(a.place, b.place);
  found.name = relation_of(a, b);
  found.address = standard::relation_of(left.address, right.address);
  found.is_form_same = a.form == b.form && a.form_text == b.form_text;
  found.is_form_written = a.form != Form::none && b.form != Form::none;
  found.is_bracket_same = a.bracket == b.bracket;
  found.is_region_in_both_brackets = found.is_bracket_same && a.bracket_is_region && b.bracket_is_region;
  found.is_branch_same = a.branch == b.branch;
  found.is_branch_near = !a.branch.empty() && !b.branch.empty() && standard::distance(a.branch, b.branch, 1) <= 1;
  found.is_person_same = !left.person.empty() && left.person == right.person;
  found.is_person_other = !left.person.empty() && !right.person.empty() && left.person != right.person;
  found.is_shop = a.is_shop() || b.is_shop();
  found.is_end_of_other = a.place.province != b.place.province &&
                          (standard::ends_with(a.whole, b.whole) || standard::ends_with(b.whole, a.whole));
  found.is_whole_same = standard::loose_form(bare(a.whole)) == standard::loose_form(bare(b.whole));
  return found;
}

Reason reason_of(NameRelation relation) {
  switch (relation) {
    case NameRelation::same: return Reason::same_name;
    case NameRelation::loose: return Reason::loose_name;
    case NameRelation::near: return Reason::near_name;
    case NameRelation::part: return Reason::part_of_name;
    case NameRelation::other: break;
  }
  return Reason::other_name;
}

Reason reason_of(PlaceRelation relation) {
  switch (relation) {
    case PlaceRelation::same: return Reason::same_place;
    case PlaceRelation::missing: return Reason::place_missing;
    case PlaceRelation::district_on_one_side: return Reason::district_on_one_side;
    case PlaceRelation::other: break;
  }
  return Reason::other_place;
}

std::vector<Reason> reasons_of(const Evidence& found) {
  std::vector<Reason> reasons;
  const auto add_if = [&](bool holds_true, Reason reason) {
    if (holds_true) reasons.push_back(reason);
  };
  add_if(found.code == CodeRelation::same, Reason::same_code);
  add_if(found.code == CodeRelation::differ, Reason::other_code);
  reasons.push_back(reason_of(found.name));
  reasons.push_back(reason_of(found.place));
  add_if(!found.is_form_same, Reason::other_form);
  add_if(!found.is_branch_same, Reason::other_branch);
  add_if(!found.is_bracket_same, Reason::bracket_and_place);
  add_if(found.is_person_same, Reason::same_person);
  add_if(found.is_person_other, Reason::other_person);
  add_if(found.address == AddressRelation::same, Reason::same_address);
  add_if(found.address == AddressRelation::different, Reason::other_address);
  add_if(found.is_shop, Reason::shop_name);
  return reasons;
}

Decision with_same_code(const Evidence& found) {
  const bool fits = found.name != NameRelation::other && found.is_branch_same && found.is_bracket_same &&
                    found.place != PlaceRelation::other;
  return fits ? Decision::same : Decision::review;
}

// Core, bracket, form and branch are equal to the letter.
Decision with_same_name(const Evidence& found) {
  const bool has_place =
      found.place == PlaceRelation::same || (found.place == PlaceRelation::missing && found.is_region_in_both_brackets);
  if (found.is_shop) {
    if (found.address == AddressRelation::different)
      return found.is_person_same ? Decision::review : Decision::different;
    const bool agrees = found.has_support() && !found.is_person_other;
    return agrees && has_place ? Decision::same : Decision::review;
  }
  // Without its form a name is only the short word for one, and more than one firm may have it.
  if (found.is_person_other || !found.is_form_written) return Decision::review;
  if (has_place) return Decision::same;
  return found.is_full_support() && found.place == PlaceRelation::missing ? Decision::same : Decision::review;
}

Decision without_codes(const Evidence& found) {
  const bool alike = found.name == NameRelation::same || found.name == NameRelation::loose;
  if (found.is_end_of_other) return Decision::review;
  const bool comparable = found.place != PlaceRelation::other || found.is_full_support();
  if (!comparable) return Decision::different;
  if (!found.is_branch_same) return alike && found.is_branch_near ? Decision::review : Decision::different;
  if (found.is_whole_same && !(alike && found.is_bracket_same)) return Decision::review;
  if (found.name == NameRelation::same && found.is_bracket_same && found.is_form_same &&
      found.place != PlaceRelation::other)
    return with_same_name(found);
  if (alike) return Decision::review;
  return found.name != NameRelation::other && found.has_support() ? Decision::review : Decision::different;
}

Decision decision_of(const Evidence& found) {
  if (found.code == CodeRelation::same) return with_same_code(found);
  if (found.code == CodeRelation::differ) {
    const bool alike = found.name == NameRelation::same || found.name == NameRelation::loose;
    return alike && found.is_branch_same && found.place != PlaceRelation::other ? Decision::review
                                                                                : Decision::different;
  }
  return without_codes(found);
}

int points_of(const Evidence& found) {
  static constexpr std::array<int, 5> by_name = {450, 380, 250, 200, 0};
  static constexpr std::array<int, 4> by_place = {200, 100, 120, 0};
  int points = by_name[static_cast<std::size_t>(found.name)] + by_place[static_cast<std::size_t>(found.place)];
  if (found.code == CodeRelation::same) points += 400;
  if (found.code == CodeRelation::differ) points -= 200;
  if (found.is_form_same) points += 100;
  if (found.is_bracket_same) points += 50;
  points += found.is_branch_same ? 100 : -200;
  if (found.is_person_same) points += 100;
  if (found.is_person_other) points -= 100;
  if (found.address == AddressRelation::same) points += 100;
  if (found.address == AddressRelation::different) points -= 50;
  return points;
}

}  // namespace

std::string_view code_of(Reason reason) { return reason_words[static_cast<std::size_t>(reason)].code; }
std::string_view zh_of(Reason reason) { return reason_words[static_cast<std::size_t>(reason)].zh; }
std::string_view en_of(Reason reason) { return reason_words[static_cast<std::size_t>(reason)].en; }

std::string_view word_of(Decision decision) {
  switch (decision) {
    case Decision::same: return "same";
    case Decision::review: return "review";
    case Decision::different: break;
  }
  return "different";
}

std::string codes_of(const std::vector<Reason>& reasons) {
  std::string text;
  for (const Reason reason : reasons) text += (text.empty() ? "" : ",") + std::string(code_of(reason));
  return text;
}

Verdict compare(const Party& left, const Party& right) {
  const Evidence found = evidence_of(left, right);
  Verdict verdict;
  verdict.decision = decision_of(found);
  verdict.reasons = reasons_of(found);
  const int points = points_of(found);
  switch (verdict.decision) {
    case Decision::same: verdict.score = std::clamp(points, 900, 1000); break;
    case Decision::review: verdict.score = std::clamp(points, 400, 899); break;
    case Decision::different: verdict.score = std::clamp(points, 0, 399); break;
  }
  return verdict;
}

}  // namespace qianzhi::desk::match
