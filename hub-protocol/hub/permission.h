// Who may carry out which verb. Roles count from the first security account on; before that whoever reaches the control
// socket may do everything (a new hub has nobody yet). A session has the role of its account and nothing more.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/hub/verbs.h"

namespace qianzhi::hub {

enum class Permit {
  at_once,
  second_person,  // four eyes: it is kept until another account of the role approves it
};

// words: with the verb's name; `--break-glass REASON` is taken out of them. It lets root do everything, without a
// second person, and is audited loudly. Throws Error(rejected) after an audit entry: QZ-HUB-270 the caller has not the
// role, QZ-HUB-277 the glass is not the caller's to break.
Permit permit(const Verb& verb, Office& office, const Caller& caller, std::vector<std::string>& words);

// Keeps the call for a second person. Returns what the caller is told.
std::string keep_pending(const Verb& verb, Office& office, const audit::Actor& actor,
                         const std::vector<std::string>& words, std::string_view attachment);

}  // namespace qianzhi::hub
