// Which keys may sign the directory, as an agent comes to know them: one that was pinned by hand, then each that the
// one before announced in a root of its own; and, over all of them, whatever the exchange's off-line root key puts in
// place.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::seal {

struct DirectoryTrust {
  KeyRecord present;
  std::optional<KeyRecord> next = {};     // announced by a root of `present`; takes its place with its first root
  std::vector<std::string> retired = {};  // ids of keys that were `present`: they sign nothing any more
  std::uint64_t replacement = 0;          // number of the newest replacement by the root key; 0: none
  std::string pinned = {};                // id of the key that was pinned by hand when this began
  bool operator==(const DirectoryTrust&) const = default;
};

// Of a key that was pinned by hand.
DirectoryTrust trust_in(const KeyRecord& pinned);

// Id of the key that a root says it was signed with; nothing is verified. Throws Error(corrupt, QZ-SEAL-040).
std::string signer_of(std::string_view signed_root);

// Id of the key that a root announces, nothing is verified; nothing if it announces none.
std::optional<std::string> announced_by(std::string_view signed_root);

struct TrustedRoot {
  RootContent root;
  KeyRecord key;         // that signed it
  DirectoryTrust trust;  // from this root on
};

// The root, verified, and what is trusted after it. Throws Error(corrupt): QZ-SEAL-080 by a key that nobody announced,
// QZ-SEAL-081 by one that is retired, QZ-SEAL-082 it announces a key of another suite or one that is retired,
// QZ-SEAL-040 as open_root().
TrustedRoot open_trusted(std::string_view signed_root, const DirectoryTrust& trust);

// The same for each root of a chain, oldest first: for an agent that slept through announcements. Their versions must
// grow, from at least `version`; expiry is not judged, because a later root vouches for them. Throws as open_trusted(),
// and Error(corrupt, QZ-SEAL-083) for a chain that is too long, does not grow or announces nothing.
DirectoryTrust follow_chain(std::span<const std::string> chain, DirectoryTrust trust, std::uint64_t version);

// A key that the root key puts in the place of the present one, announced or not. Not newer than what is trusted:
// nothing changes. Throws Error(corrupt, QZ-SEAL-084) unless the root key signed it.
DirectoryTrust replace_key(std::string_view replacement, const KeyRecord& root_key, DirectoryTrust trust);
// What was trusted, which takes no replacement up to this one's number any more: for an agent that joined after it and
// would else believe the ones before. Nothing changes unless the root key signed it.
DirectoryTrust past_replacement(std::string_view replacement, const KeyRecord& root_key, DirectoryTrust trust);
// A serialised KeyReplacement.
Bytes seal_replacement(std::uint64_t number, const KeyRecord& key, Micros time, const SigningKey& root_key);

// Id of the key that a replacement puts in place; nothing is verified; empty if it is none.
std::string replaced_by(std::string_view replacement);

Bytes to_octets(const DirectoryTrust& trust);
// suite: of the directory. Throws Error(corrupt, QZ-SEAL-040).
DirectoryTrust trust_from(std::string_view octets, DigestSuite suite);

}  // namespace qianzhi::seal
