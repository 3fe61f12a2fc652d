// The fields of a search, as a form or as JSON.
#pragma once

#include <optional>
#include <string>

#include "hub-protocol/web/http.h"

namespace qianzhi::desk::lookup {

using web::Fields;
using web::Reply;
using web::Request;

// A JSON object of at most 20 texts. Nothing if it is anything else.
std::optional<Fields> json_from(const std::string& text);

}  // namespace qianzhi::desk::lookup
