// Header and manifest of a sealed batch (messages of wire/batch.proto), internal to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/seal/wire_codec.h"

namespace qianzhi::seal {

constexpr std::uint32_t header_format = 1;

// A header with the digests that only the codec needs.
struct HeaderRecord {
  Header header;
  std::vector<Digest> manifests;  // of header.groups[i]
  Digest position;                // of the source position block; zero: none
};

struct ManifestItem {
  std::string_view item;
  Digest digest;
};

// Views into the octets it was decoded from.
struct Manifest {
  Digest rows;
  std::vector<ManifestItem> items;
};

Bytes encode_header(const HeaderRecord& record);
// Checks format, digest suite, kind, that groups and scope are sorted and unique, and that scope and begin are there
// exactly for the kinds that have them. Throws as fault says; Error(full, QZ-SEAL-011) for more groups than the limit.
HeaderRecord decode_header(std::string_view octets, const Limits& limits, const Fault& fault);

Bytes encode_manifest(const Manifest& manifest);
Manifest decode_manifest(std::string_view octets, const Limits& limits, const Fault& fault);

// A kind of batch that carries rows.
bool has_rows(BatchKind kind);

}  // namespace qianzhi::seal
