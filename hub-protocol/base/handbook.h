// What an operator asks about a code beyond its explanation: is data safe, and how does one see that it is mended. And
// the handbook, one document of all codes, made of both. Known by the beginning of a code: "QZ-AGT-12" speaks for
// QZ-AGT-120 to 129, the longest beginning that fits counts.
#pragma once

#include <string>
#include <string_view>

#include "hub-protocol/base/codes.h"

namespace qianzhi {

struct Guidance {
  std::string_view beginning;  // of the codes that this is said of
  std::string_view safe_zh;    // what becomes of data while the code holds
  std::string_view safe_en;
  std::string_view seen_zh;  // what shows that it is mended
  std::string_view seen_en;
};

// Of every code that explain() knows; others get the general one. Views live as long as the program.
Guidance guidance_of(std::string_view code);

// All codes by area, in Chinese and English: cause, whether data is safe, what to do, how to see that it is mended.
// The same program gives the same text.
std::string handbook_markdown();
// The same as an HTML fragment: h1, h2, h3 with the code as its id, p, ul, li and code, text escaped.
std::string handbook_html();

}  // namespace qianzhi
