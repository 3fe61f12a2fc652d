// What the registry keeps but must not tell whoever reads its file or a backup of it: encrypted with a key of its own
// file beside the registry (AES-256-GCM).
#pragma once

#include <filesystem>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::accounts {

class SecretBox {
 public:
  // Makes the key file (mode 0600, durable) if it is not there. Throws Error(misuse, QZ-HUB-290) if it cannot be used,
  // is no key, or others may read it.
  SecretBox(const std::filesystem::path& key_file, Random& random);

  // label: what it belongs to; it opens under the same label only.
  Bytes seal(std::string_view plain, std::string_view label) const;
  // Throws Error(corrupt, QZ-HUB-290): altered, of another label, or made with another key.
  Bytes open(std::string_view sealed, std::string_view label) const;

 private:
  Bytes key_;
  Random& random_;
};

}  // namespace qianzhi::accounts
