// How the text files of one folder are written. Values only.
#pragma once

#include <string>

namespace qianzhi::adapter::files {

// gb18030 also reads what is called GBK or GB2312: both are parts of it.
enum class Encoding { utf8, gb18030 };

struct Format {
  Encoding encoding = Encoding::utf8;
  char delimiter = ',';
  char quote = '"';        // '\0': none
  bool backslash = false;  // quotes inside quotes: \" instead of ""
  std::string null;        // what stands, without quotes, for NULL; usually nothing at all
};

}  // namespace qianzhi::adapter::files
