// The page of somebody who has no session: how to get one.
#pragma once

#include <string>

#include "agent/status/page_text.h"

namespace qianzhi::status {

enum class SignInTrouble {
  none,
  refused,  // a link was tried that was used, too old or wrong; or a name and password that do not belong together
  locked,   // too many failures: nothing is tried for a while
};

// On this machine: a link from the control socket.
std::string sign_in_html(Language language, SignInTrouble trouble);
// From other machines: a form with name and password.
std::string sign_in_form_html(Language language, SignInTrouble trouble);

}  // namespace qianzhi::status
