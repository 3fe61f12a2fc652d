#include "agent/desk/standard/changes.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace qianzhi::desk::standard {

namespace {

struct Words {
  std::string_view code;
  std::string_view zh;
  std::string_view en;
};

constexpr std::array<Words, 18> change_words = {{
    {"width", "全角转半角", "full width to half width"},
    {"spaces", "去空格", "spaces taken out"},
    {"letter_case", "转大写", "to capital letters"},
    {"signs", "去标点", "signs taken out"},
    {"hyphens", "去连字符", "hyphens taken out"},
    {"brackets", "统一括号", "brackets made alike"},
    {"traditional", "繁体转简体", "traditional to simplified characters"},
    {"ordinal", "统一序数", "ordinal numbers made alike"},
    {"city_word", "省略“市”字", "the word for city left out"},
    {"province_word", "省略“省”“自治区”", "the word for province left out"},
    {"limited_liability", "有限责任公司即有限公司", "two words for a limited company"},
    {"joint_stock_short", "股份公司即股份有限公司", "short for a joint-stock company"},
    {"organisation_in_credit", "取统一社会信用代码第9至17位", "positions 9 to 17 of the credit code"},
    {"organisation_in_taxpayer", "取纳税人识别号第7至15位", "positions 7 to 15 of the taxpayer number"},
    {"citizen_15_to_18", "15位身份证号升18位", "citizen number of 15 digits made 18"},
    {"date_form", "统一日期格式", "one form of dates"},
    {"variant", "近似异体字", "characters that are interchanged"},
    {"number_word", "汉字数字", "numbers in words"},
}};

}  // namespace

std::string_view code_of(Change change) { return change_words[static_cast<std::size_t>(change)].code; }
std::string_view zh_of(Change change) { return change_words[static_cast<std::size_t>(change)].zh; }
std::string_view en_of(Change change) { return change_words[static_cast<std::size_t>(change)].en; }

void note(Changes& changes, Change change) {
  if (std::find(changes.begin(), changes.end(), change) == changes.end()) changes.push_back(change);
}

std::string codes_of(const Changes& changes) {
  std::string text;
  for (const Change change : changes) text += (text.empty() ? "" : ",") + std::string(code_of(change));
  return text;
}

}  // namespace qianzhi::desk::standard
