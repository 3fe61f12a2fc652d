// The configuration templates of packaging/demo/config: text with @NAME@ where the demonstration puts a value.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace qianzhi::demo {

// Puts in every value. A @NAME@ without a value is a broken invariant of ours and aborts.
std::string fill(std::string_view text, const std::map<std::string, std::string, std::less<>>& values);

}  // namespace qianzhi::demo
