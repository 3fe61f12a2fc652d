// First letters of Chinese titles in pinyin. The hub's work: agents read what it wrote and need no dictionary.
#pragma once

#include <string>
#include <string_view>

#include "hub-protocol/model/topic.h"

namespace qianzhi::catalogue {

// "企业登记" -> "qydj", "12345热线（A类）" -> "12345rxal". Letters and digits of ASCII stay, in lower case; characters
// of which no reading is known, and signs, are left out. Of characters with several readings that of the word is taken
// where the word is a common one, else the most frequent. Thread-safe. Throws Error(misuse, QZ-HUB-205) if ICU has no
// data.
std::string initials_of(std::string_view title);

// Of every topic and item.
void write_initials(Catalogue& catalogue);

}  // namespace qianzhi::catalogue
