// The parcels whose octets are frozen in tests/golden/parcels: requests and answers between housing-01 and commerce-01,
// in a SHA-256 directory and (names that begin with "sm3/") in an SM directory.
#pragma once

#include "hub-protocol/seal/encryption_key.h"
#include "tests/golden/golden_vectors.h"

namespace qianzhi::test {

struct ParcelParty {
  seal::SigningKey signing;
  seal::DecryptionKey encryption;
};

struct ParcelParties {
  ParcelParty asker;     // housing-01; signs with SM2 in the SM directory
  ParcelParty provider;  // commerce-01
  Directory directory;

  const ParcelParty& named(std::string_view agent) const { return agent == "housing-01" ? asker : provider; }
};

ParcelParties parcel_parties(DigestSuite suite);
// Of the directory that a parcel of this name is for.
DigestSuite suite_of_parcel(const std::string& name);

// File name below parcels/ and its octets.
std::map<std::string, Bytes> make_parcels();

// What its reader sees: head and content, or the code with which it is refused.
std::string describe_parcel(const std::string& name, const Bytes& octets);

// SM2 signs and encrypts with randomness of its own: what must be the same all the same.
Bytes without_random_parts(const Bytes& octets);

}  // namespace qianzhi::test
