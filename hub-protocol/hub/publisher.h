// Makes the directory that the hub publishes: a new version only when the content changed or the old one is about to
// run out.
#pragma once

#include <optional>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/hub/exchange.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::hub {

struct Published {
  Directory directory;
  seal::SealedDirectory sealed;
};

// content: as configured, with the hub key but without version and times. last: of the store. next_version: the lowest
// that other content may have. The last root is used again, octet for octet, while it says the same and more than half
// of its validity is left.
Published publish_directory(Directory content, const LastDirectory& last, std::uint64_t next_version, Micros now,
                            Micros validity, const seal::SigningKey& directory_key, const seal::KeyNews& keys = {});

// True: less than half of the validity is left.
bool runs_out(const Directory& directory, Micros now);

}  // namespace qianzhi::hub
