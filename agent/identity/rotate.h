// A new signing key, put in the place of the present one: registered at the hub first, signed by both.
#pragma once

#include <filesystem>
#include <string>

#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::identity {

// file: holds the present key, PEM; the new one takes its place only once the hub has it. May be repeated after any
// interruption. algorithm: of the new key; suite: of the directory. Returns the new key's id. Throws as HubLink::renew,
// Error(misuse, QZ-BASE-011), Error(misuse, QZ-SEAL-020).
std::string rotate_signing_key(const std::string& agent, const std::filesystem::path& file,
                               const std::string& signer_id, seal::Algorithm algorithm, DigestSuite suite,
                               HubLink& link);

}  // namespace qianzhi::identity
