// Who is calling: read from the client certificate alone, judged by the directory alone (trust rules 12 and 15).
#pragma once

#include <string>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/model/directory.h"

namespace qianzhi::hub {

struct Identity {
  std::string agent;     // from the one URI SAN "urn:qianzhi:agent:ID"
  Digest tls_key;        // SHA-256 of the SubjectPublicKeyInfo
  Micros not_after = 0;  // end of the certificate
};

// certificate: DER of a certificate whose chain the TLS handshake has verified.
// Throws Error(rejected, QZ-LINK-101) unless it has exactly one subject alternative name, a URI of our form with an id
// of 1 to 64 characters a-z 0-9 - _ . (no embedded NUL can pass).
Identity identity_of(std::string_view certificate);

// Whether the directory in force knows this caller. Throws Error(rejected): QZ-LINK-102 unknown or disabled agent,
// QZ-LINK-103 the key is not registered for it, QZ-LINK-104 the certificate has ended since.
void require_known(const Identity& caller, const Directory& directory, Micros now);

}  // namespace qianzhi::hub
