// Completion of a program's command line in a shell, as a script made of the command table. It needs nothing but the
// shell itself, and asks no running program.
#pragma once

#include <string>

#include "hub-protocol/command/table.h"

namespace qianzhi::command {

// shell: bash or zsh. For /usr/share/bash-completion/completions/NAME or /usr/share/zsh/vendor-completions/_NAME.
std::string completion_of(const VerbInfo& top, const std::string& shell);

}  // namespace qianzhi::command
