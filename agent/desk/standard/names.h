// Names of firms, offices and shops taken apart: place, trade name with line of business, form, branch.
// The law makes a name of place + trade name + line of business + form; other orders are kept apart, never mended.
#pragma once

#include <string>
#include <string_view>

#include "agent/desk/standard/changes.h"
#include "agent/desk/standard/places.h"

namespace qianzhi::desk::standard {

enum class Form {
  none,           // no form is written
  limited,        // 有限公司, 有限责任公司
  joint_stock,    // 股份有限公司, 股份公司
  company,        // 公司 without more
  partnership,    // 合伙企业, with its kind in form_text
  cooperative,    // 合作社
  works,          // 厂
  establishment,  // 商行, 经营部, 中心, 协会, 学校 ...: see form_text
  shop,           // 店, 铺, 馆 ...: what single persons run; such names are not unique
};

struct Name {
  Place place;
  std::u32string bracket;  // 广州 in 宏达(广州)贸易有限公司
  bool bracket_is_region = false;
  std::u32string core;  // trade name and line of business
  Form form = Form::none;
  std::u32string form_text;
  std::u32string branch;  // 天河分公司, 第2门市部; empty: the firm itself
  std::u32string whole;   // cleaned, nothing left out
  std::u32string loose;   // of the core: see loose_form()
  Changes changes;

  bool is_shop() const { return form == Form::shop; }
  // What two departments should write alike: place without 省 市, brackets (), form in its short word.
  std::string text() const;
};

// At most max_characters of the text count. Never fails: a name without any known part is all core.
Name name_of(std::string_view utf8);

// A person's name: cleaned; 张　三 is 张三.
std::string person_of(std::string_view utf8, Changes& changes);

}  // namespace qianzhi::desk::standard
