// What is left of a value for those who may not see all of it.
#pragma once

#include <string>
#include <string_view>

namespace qianzhi::desk {

// "陈志明" -> "陈**"; "440301197001011234" -> "440*************34". Of one character nothing is left. Octets that are
// no UTF-8 stay what they are.
std::string masked(std::string_view value);

}  // namespace qianzhi::desk
