// A look at the shape of DER before a library builds objects from it: a hostile file could hold millions of tiny
// elements, each of which costs a hundred times its size.
#pragma once

#include <cstddef>
#include <string_view>

namespace qianzhi {

// Whether octets are one element with definite lengths (X.690 section 8.1.3), nothing after it, at most `elements` in
// all, nested at most `depth` deep. Primitive elements are not looked into. Reads nothing twice.
bool is_small_der(std::string_view octets, std::size_t elements, std::size_t depth);

}  // namespace qianzhi
