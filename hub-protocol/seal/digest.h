// SHA-256 (FIPS 180-4) or SM3 (GB/T 32905) of octets, by OpenSSL.
#pragma once

#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/model/directory.h"

namespace qianzhi::seal {

Digest digest_of(std::string_view octets, DigestSuite suite);

}  // namespace qianzhi::seal
