// The keys that sign the hub's directory: the present one, the next one once it is announced, and for agents that slept
// the roots by which each key announced the one after it. Private halves are files beside each other: KEY, KEY.next.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hub-protocol/registry/registry.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::hub {

// Belongs to one thread at a time. The registry must outlive it.
class DirectoryKeys {
 public:
  // Throws Error(misuse, QZ-SEAL-020/021) for files that cannot be used, and QZ-HUB-239 for a next key of another
  // suite.
  explicit DirectoryKeys(std::filesystem::path file);

  const seal::SigningKey& present() const { return present_; }
  DigestSuite suite() const { return present_.record().suite; }
  // Announced in every root from the next one on; null: none.
  const KeyRecord* next() const { return next_ ? &next_->record() : nullptr; }
  // Signed by the off-line root key; empty: none. Lies in KEY.replacement.
  const Bytes& replacement() const { return replacement_; }

  // Makes the next key; the caller publishes. Throws Error(misuse, QZ-HUB-239) if there is one already.
  void announce();
  // The next key takes the present one's place, whose private half is gone afterwards; the caller publishes. root: the
  // one in force, signed by the present key, which must announce the next one: Error(misuse, QZ-HUB-239).
  void rotate(registry::Registry& registry, const audit::Actor& actor, const Bytes& root);
  // Files again: after a replacement by hand. Throws as the constructor, and keeps what it had.
  void reload() { *this = DirectoryKeys(file_); }

  // Signed roots from this key to the present one; empty if there is no way.
  std::vector<Bytes> chain_from(const registry::Registry& registry, const std::string& key) const;

 private:
  std::filesystem::path next_file() const { return file_.string() + ".next"; }
  void read_next();

  std::filesystem::path file_;
  seal::SigningKey present_;
  std::optional<seal::SigningKey> next_;
  Bytes replacement_;
};

}  // namespace qianzhi::hub
