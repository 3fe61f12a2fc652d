#include "agent/desk/data/mask.h"

#include <vector>

namespace qianzhi::desk {

std::string masked(std::string_view value) {
  std::vector<std::size_t> begins;
  for (std::size_t at = 0; at < value.size(); ++at)
    if ((static_cast<unsigned char>(value[at]) & 0xC0U) != 0x80U) begins.push_back(at);
  const std::size_t count = begins.size();
  begins.push_back(value.size());
  if (count < 2) return std::string(count, '*');
  const std::size_t first = count > 6 ? 3 : 1;
  const std::size_t last = count > 6 ? 2 : 0;
  return std::string(value.substr(0, begins[first])) + std::string(count - first - last, '*') +
         std::string(value.substr(begins[count - last]));
}

}  // namespace qianzhi::desk
