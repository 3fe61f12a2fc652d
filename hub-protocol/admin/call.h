// How API and forms call a verb.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/admin/site.h"

namespace qianzhi::admin {

// "grant add" -> grant, add.
std::vector<std::string> name_words(std::string_view name);

// As a person types them: parts between spaces; quotes, single or double, hold spaces together.
std::vector<std::string> split_words(std::string_view text);

// Runs it as the signed-in account, asking for JSON unless the words ask for a format, and audits the call before.
// Throws Error(rejected): QZ-HUB-285 the first sign-in is not finished, QZ-HUB-288 words with control characters,
// QZ-HUB-284 an own password (only with the present one, on the page); and what the verb throws.
std::string call_verb(const Visit& visit, std::vector<std::string> words, std::string_view attachment,
                      std::string_view action);

// In time that does not depend on where they differ; false for empty ones.
bool same_secret(std::string_view given, std::string_view expected);

}  // namespace qianzhi::admin
