// A new key, put in the place of the present one: registered at the hub first, and signed for.
#pragma once

#include <filesystem>
#include <string>

#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/seal/encryption_key.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::identity {

// file: holds the present key, PEM; the new one takes its place only once the hub has it. May be repeated after any
// interruption. algorithm: of the new key; suite: of the directory. Returns the new key's id. Throws as HubLink::renew,
// Error(misuse, QZ-BASE-011), Error(misuse, QZ-SEAL-020).
std::string rotate_signing_key(const std::string& agent, const std::filesystem::path& file,
                               const std::string& signer_id, seal::Algorithm algorithm, DigestSuite suite,
                               HubLink& link);

// Likewise the key to which requests and answers are sealed; of the algorithm of the suite. signing: the agent's own,
// in that suite. The earlier private key is gone from `file` afterwards: an agent that ran with it keeps it in its
// queue.
std::string rotate_encryption_key(const std::string& agent, const std::filesystem::path& file,
                                  const seal::SigningKey& signing, DigestSuite suite, HubLink& link);

}  // namespace qianzhi::identity
