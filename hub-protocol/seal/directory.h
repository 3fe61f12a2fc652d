// The signed directory: a small root with the digests of its parts; see PROTOCOL.md section 8.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::seal {

struct SealedDirectory {
  Bytes signed_root;              // serialised wire::SignedRoot
  Digest digest;                  // of the exact root bytes
  std::map<Digest, Bytes> parts;  // all: the three that the root names, and the code tables
};

// The same directory with the ids that its signing keys have in this suite. TLS keys stay as they are: a certificate's
// key is known by SHA-256 whatever the suite.
Directory in_suite(Directory directory, DigestSuite suite);

// What a root says of the keys that sign roots.
struct KeyNews {
  const KeyRecord* next = nullptr;    // announced as the key that will sign after this one; null: none
  std::string_view replacement = {};  // the newest KeyReplacement that the root key signed; empty: none
};

// Deterministic parts: an unchanged part keeps its digest from version to version.
SealedDirectory seal_directory(const Directory& directory, const SigningKey& directory_key, const KeyNews& keys = {});

// What a root says, after its signature was checked against the pinned directory key.
struct RootContent {
  std::uint64_t version = 0;
  Digest digest;
  Micros issued = 0;
  Micros expires = 0;
  std::vector<Digest> parts;          // members, catalogue, grants
  std::optional<KeyRecord> next_key;  // announced
  Bytes replacement;                  // as it stands there: only the root key's signature makes it count
};

// Throws Error(corrupt, QZ-SEAL-040) for a bad signature or malformed root. Does not judge version or expiry:
// the agent's store does.
RootContent open_root(std::string_view signed_root, const KeyRecord& directory_key);

// Digests that are not in parts yet, in the order of the directory: those that the root names, then, once the
// catalogue is there, its code tables. Throws Error(corrupt, QZ-SEAL-041) if that part is not what its digest says or
// names more tables than allowed.
std::vector<Digest> missing_parts(const RootContent& root, const std::map<Digest, Bytes>& parts, DigestSuite suite);

// parts must hold every digest that root and catalogue name, with the right content: else Error(corrupt, QZ-SEAL-041).
Directory open_directory(std::string_view signed_root, const std::map<Digest, Bytes>& parts,
                         const KeyRecord& directory_key);

}  // namespace qianzhi::seal
