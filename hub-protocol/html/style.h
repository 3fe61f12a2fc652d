// The look that all pages share: colours for light and dark, type, tables, verdicts.
#pragma once

#include <string>
#include <string_view>

namespace qianzhi::html {

// CSS. States are told by class: ok, busy, wait, warn, fail, unknown.
std::string_view base_style();

// CSS of pages that are made by framed(): base_style(), then the frame, forms, figures, findings and tables in it.
std::string office_style();

}  // namespace qianzhi::html
