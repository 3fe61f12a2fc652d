// Octets that nobody else may see, internal to this folder: overwritten when they are no longer needed.
#pragma once

#include <filesystem>
#include <utility>

#include "hub-protocol/base/bytes.h"

namespace qianzhi::seal {

class Secret {
 public:
  explicit Secret(Bytes octets) : octets_(std::move(octets)) {}
  ~Secret();
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  const Bytes& octets() const { return octets_; }

 private:
  Bytes octets_;
};

// The content of a private key's file. Throws Error(misuse): QZ-SEAL-020 not readable or over 64 KiB, QZ-SEAL-021
// readable by group or others.
Bytes read_key_file(const std::filesystem::path& file);

}  // namespace qianzhi::seal
