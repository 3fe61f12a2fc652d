// The help of a verb, in one language or both.
#pragma once

#include <string>

#include "hub-protocol/command/language.h"
#include "hub-protocol/command/table.h"

namespace qianzhi::command {

// verb: of the table below top. At the top: its verbs in their groups and the exit statuses, too. paints: with colours.
std::string help_of(const VerbInfo& verb, const VerbInfo& top, Language language, bool paints);

// "qianzhi quarantine skip [options] ID --reason TEXT"
std::string synopsis_of(const VerbInfo& verb, Language language);

}  // namespace qianzhi::command
