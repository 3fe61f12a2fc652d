#include "hub-protocol/envelope/der_form.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace qianzhi {

namespace {

struct Element {
  std::size_t begin = 0;  // of its content
  std::size_t end = 0;
  bool is_constructed = false;
};

// The element at `at`, which must lie within `end`. Tags of more than one octet are in nothing that we read.
std::optional<Element> element_at(std::string_view octets, std::size_t at, std::size_t end) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(octets[i]); };
  if (end - at < 2 || (octet(at) & 0x1FU) == 0x1FU) return std::nullopt;
  const bool is_constructed = (octet(at) & 0x20U) != 0;
  std::uint64_t size = octet(at + 1);
  std::size_t begin = at + 2;
  if (size >= 0x80U) {
    const std::size_t more = size & 0x7FU;
    if (more == 0 || more > 4 || end - begin < more) return std::nullopt;
    size = 0;
    for (std::size_t i = 0; i < more; ++i) size = size << 8U | octet(begin + i);
    begin += more;
  }
  if (size > end - begin) return std::nullopt;
  return Element{begin, begin + static_cast<std::size_t>(size), is_constructed};
}

}  // namespace

bool is_small_der(std::string_view octets, std::size_t elements, std::size_t depth) {
  std::vector<std::size_t> ends{octets.size()};  // of the elements that are open
  std::size_t at = 0;
  std::size_t seen = 0;
  while (true) {
    while (ends.size() > 1 && at == ends.back()) ends.pop_back();
    if (at == octets.size()) return seen != 0;
    if (ends.size() == 1 && seen != 0) return false;  // something after the one element
    const auto element = element_at(octets, at, ends.back());
    if (!element || ++seen > elements) return false;
    at = element->is_constructed ? element->begin : element->end;
    if (!element->is_constructed) continue;
    if (ends.size() > depth) return false;
    ends.push_back(element->end);
  }
}

}  // namespace qianzhi
