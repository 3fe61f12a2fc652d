// The language of what a program tells a person at a terminal. Texts are written once as "中文 / English".
#pragma once

#include <string>
#include <string_view>

namespace qianzhi::command {

enum class Language { zh, en, both };

// By $QIANZHI_LANG (zh or en), else by the locale of messages: $LC_ALL, $LC_MESSAGES, $LANG, the first that is set.
// A locale that names no language (C, POSIX, none) gets both.
Language language_of_environment();

// "zh", "en", anything else: both.
Language language_named(std::string_view name);

// The part of "中文 / English" in this language; a text without " / " is the same in both.
std::string in_language(std::string_view text, Language language);

// Two texts that belong together, as in_language() would give them.
std::string chosen(std::string_view zh, std::string_view en, Language language);

}  // namespace qianzhi::command
