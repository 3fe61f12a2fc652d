#include "agent/desk/standard/names.h"

#include <array>

#include "agent/desk/standard/characters.h"

namespace qianzhi::desk::standard {

namespace {

struct FormWord {
  std::u32string_view word;
  Form form;
  std::u32string_view standard;
};

// Of companies: the first of these words in the name is the form, what follows it is the branch.
constexpr auto company_words = std::to_array<FormWord>({
    {U"股份有限责任公司", Form::joint_stock, U"股份有限公司"},
    {U"股份有限公司", Form::joint_stock, U"股份有限公司"},
    {U"有限责任公司", Form::limited, U"有限公司"},
    {U"股份公司", Form::joint_stock, U"股份有限公司"},
    {U"有限公司", Form::limited, U"有限公司"},
    {U"合伙企业", Form::partnership, U"合伙企业"},
    {U"合作社", Form::cooperative, U"合作社"},
});

// At the end of a name only.
constexpr auto other_words = std::to_array<FormWord>({
    {U"分公司", Form::establishment, U"分公司"},
    {U"办事处", Form::establishment, U"办事处"},
    {U"代表处", Form::establishment, U"代表处"},
    {U"营业部", Form::establishment, U"营业部"},
    {U"经营部", Form::establishment, U"经营部"},
    {U"门市部", Form::establishment, U"门市部"},
    {U"事务所", Form::establishment, U"事务所"},
    {U"研究所", Form::establishment, U"研究所"},
    {U"个体户", Form::shop, U"个体户"},
    {U"工作室", Form::shop, U"工作室"},
    {U"商行", Form::establishment, U"商行"},
    {U"中心", Form::establishment, U"中心"},
    {U"协会", Form::establishment, U"协会"},
    {U"学校", Form::establishment, U"学校"},
    {U"医院", Form::establishment, U"医院"},
    {U"酒店", Form::establishment, U"酒店"},
    {U"宾馆", Form::establishment, U"宾馆"},
    {U"公司", Form::company, U"公司"},
    {U"工厂", Form::works, U"厂"},
    {U"分厂", Form::establishment, U"分厂"},
    {U"发廊", Form::shop, U"发廊"},
    {U"餐厅", Form::shop, U"餐厅"},
    {U"车行", Form::shop, U"车行"},
    {U"网吧", Form::shop, U"网吧"},
    {U"超市", Form::shop, U"超市"},
    {U"市场", Form::establishment, U"市场"},
    {U"厂", Form::works, U"厂"},
    {U"店", Form::shop, U"店"},
    {U"铺", Form::shop, U"铺"},
    {U"馆", Form::shop, U"馆"},
    {U"档", Form::shop, U"档"},
    {U"行", Form::shop, U"行"},
    {U"部", Form::shop, U"部"},
    {U"坊", Form::shop, U"坊"},
    {U"室", Form::shop, U"室"},
    {U"摊", Form::shop, U"摊"},
    {U"吧", Form::shop, U"吧"},
    {U"站", Form::shop, U"站"},
    {U"社", Form::establishment, U"社"},
    {U"会", Form::establishment, U"会"},
    {U"所", Form::establishment, U"所"},
    {U"院", Form::establishment, U"院"},
});

std::u32string without_brackets(std::u32string_view text) {
  std::u32string result;
  for (const char32_t c : text)
    if (c != U'(' && c != U')') result.push_back(c);
  return result;
}

// 第一分公司 = 第1分公司 = 一分公司; (天河分公司) = 天河分公司; 公司's own kinds of partnership go with the form.
std::u32string branch_of(std::u32string_view text, Changes& changes) {
  std::u32string branch = without_brackets(text);
  const NumberAt number = number_at(branch, 0);
  if (number.size != 0 && number.size < branch.size()) {
    const std::u32string_view rest = std::u32string_view(branch).substr(number.size);
    for (const std::u32string_view word :
         {std::u32string_view(U"分"), std::u32string_view(U"店"), std::u32string_view(U"厂"),
          std::u32string_view(U"门市"), std::u32string_view(U"营业"), std::u32string_view(U"经营")})
      if (starts_with(rest, 0, word)) {
        note(changes, Change::ordinal);
        branch.insert(0, U"第");
        break;
      }
  }
  return with_ordinals(branch, changes);
}

// Cuts the form, and what follows it, off the rest.
void take_form(Name& name, std::u32string& rest) {
  std::size_t first = rest.npos;
  const FormWord* form = nullptr;
  for (const FormWord& word : company_words) {
    const std::size_t at = rest.find(word.word);
    if (at != rest.npos && (form == nullptr || at < first)) {
      first = at;
      form = &word;
    }
  }
  // 某某公司天河分公司: an old company with a branch.
  static constexpr FormWord company{U"公司", Form::company, U"公司"};
  if (form == nullptr) {
    const std::size_t at = rest.find(company.word, 2);
    if (at != rest.npos && at + company.word.size() < rest.size() && rest[at - 1] != U'分') {
      first = at;
      form = &company;
    }
  }
  if (form == nullptr) {
    for (const FormWord& word : other_words)
      if (ends_with(rest, word.word) && rest.size() > word.word.size()) {
        first = rest.size() - word.word.size();
        form = &word;
        break;
      }
  }
  if (form == nullptr) return;
  if (form->standard != form->word)
    note(name.changes, form->form == Form::joint_stock ? Change::joint_stock_short : Change::limited_liability);
  name.form = form->form;
  name.form_text = form->standard;
  std::u32string tail = rest.substr(first + form->word.size());
  if (form->form == Form::partnership && !tail.empty() && tail.front() == U'(') {
    const std::size_t close = tail.find(U')');
    name.form_text += tail.substr(0, close == tail.npos ? tail.npos : close + 1);
    tail.erase(0, close == tail.npos ? tail.npos : close + 1);
  }
  name.branch = branch_of(tail, name.changes);
  rest.resize(first);
}

// The first pair of brackets that holds a region is the bracket of the name; others stay words of the core.
std::u32string take_bracket(Name& name, const std::u32string& text) {
  const std::size_t open = text.find(U'(');
  const std::size_t close = open == text.npos ? text.npos : text.find(U')', open);
  if (close == text.npos || close == open + 1) return without_brackets(text);
  const std::u32string inside = text.substr(open + 1, close - open - 1);
  name.bracket_is_region = is_region_word(inside, name.bracket);
  if (!name.bracket_is_region) name.bracket = inside;
  return without_brackets(text.substr(0, open) + text.substr(close + 1));
}

}  // namespace

Name name_of(std::string_view utf8) {
  Name name;
  name.whole = with_ordinals(cleaned(utf8, name.changes), name.changes);
  std::u32string rest = name.whole;
  take_form(name, rest);
  const PlaceAt found = place_at(rest, 2, name.changes);
  name.place = found.place;
  name.core = take_bracket(name, rest.substr(found.size));
  name.loose = loose_form(name.core);
  return name;
}

std::string Name::text() const {
  std::u32string text = place.city.empty() ? place.province : place.city;
  text += place.district;
  text += core;
  if (!bracket.empty()) text += U"(" + bracket + U")";
  return encoded(text + form_text + branch);
}

std::string person_of(std::string_view utf8, Changes& changes) { return encoded(cleaned(utf8, changes)); }

}  // namespace qianzhi::desk::standard
