// The manual page of a program, section 1, made of the command table.
#pragma once

#include <string>

#include "hub-protocol/command/language.h"
#include "hub-protocol/command/table.h"

namespace qianzhi::command {

// Of a program without verbs: name, synopsis and options alone.
// roff in the man(7) macros, UTF-8 in Chinese. language: zh, else English.
std::string manual_of(const VerbInfo& top, Language language);

}  // namespace qianzhi::command
