// Keys that are made where they stay, and the request by which a certificate is asked for one of them (PKCS#10, RFC
// 2986). Of a request nothing but the key counts: who it is for stands in the hub's registry.
#pragma once

#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/model/directory.h"

namespace qianzhi::ca {

// A new P-256 key, PKCS#8 PEM. Throws Error(misuse, QZ-HUB-221) if the library cannot.
std::string make_tls_key();

// DER, signed by the key. Throws Error(misuse, QZ-HUB-221) for what is no private key in PEM.
Bytes make_request(std::string_view private_key);

inline constexpr std::size_t request_octets = 8192;

// The SubjectPublicKeyInfo of a request. Throws Error(rejected, QZ-HUB-222) unless it is one whole request of at most
// request_octets, for a P-256 key in its uncompressed form, signed by that key.
Bytes key_of_request(std::string_view request);

// SHA-256 of the SubjectPublicKeyInfo of a private key in PEM: how the directory knows a TLS key.
Digest digest_of_key(std::string_view private_key);

}  // namespace qianzhi::ca
