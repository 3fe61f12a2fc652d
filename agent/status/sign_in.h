// The page of somebody who has no session: how to get one.
#pragma once

#include <string>

#include "agent/status/page_text.h"

namespace qianzhi::status {

// was_refused: a link was tried that was used, too old or wrong.
std::string sign_in_html(Language language, bool was_refused);

}  // namespace qianzhi::status
