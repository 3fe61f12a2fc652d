// SHA-256 of octets. Source: FIPS 180-4, by OpenSSL.
#pragma once

#include <string_view>

#include "hub-protocol/base/bytes.h"

namespace qianzhi::seal {

Digest digest_of(std::string_view octets);

}  // namespace qianzhi::seal
