// The look that the agent's page and the operator's page share: colours for light and dark, type, tables, verdicts.
#pragma once

#include <string_view>

namespace qianzhi::html {

// CSS. States are told by class: ok, busy, wait, warn, fail, unknown.
std::string_view base_style();

}  // namespace qianzhi::html
