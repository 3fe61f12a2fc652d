// The fields of a request to the interface, as JSON.
#pragma once

#include <optional>
#include <string>

#include "hub-protocol/web/http.h"

namespace qianzhi::desk::serve {

// A JSON object of at most 20 texts. Nothing if it is anything else.
std::optional<web::Fields> json_from(const std::string& text);

}  // namespace qianzhi::desk::serve
