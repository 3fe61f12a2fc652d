// explain: every stable code, offline.
#pragma once

#include <string>

#include "hub-protocol/command/language.h"

namespace qianzhi::command {

// What is printed of one code; lower case and a missing "QZ-" are understood. With json one object: code, title_zh,
// title_en, cause_zh, cause_en, next_zh, next_en, safe_zh, safe_en (what becomes of data), seen_zh, seen_en (what shows
// that it is mended). Throws Error(rejected, QZ-CLI-004) with the nearest code as hint.
std::string explained(const std::string& code, Language language, bool json);

// One line a code, or one JSON array of code, title_zh, title_en. part: only codes that contain it ("QZ-LINK", "证书").
std::string all_codes(const std::string& part, Language language, bool json);

}  // namespace qianzhi::command
