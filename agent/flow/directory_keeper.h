// The directory in force at this agent: kept in the store, replaced only by a newer one that a trusted directory key
// signed: the pinned one, or what took its place since (seal/directory_trust.h, attack 24). Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "agent/store/store.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/directory_trust.h"

namespace qianzhi::flow {

class DirectoryKeeper {
 public:
  // Loads the kept directory, if there is one. directory_key: pinned by hand; another one than when the kept directory
  // came begins anew with it. root_key: of the exchange, kept off line; none if it has none.
  // Throws Error(corrupt, QZ-SEAL-040/041) if it no longer verifies.
  DirectoryKeeper(store::Store& store, const Clock& clock, const KeyRecord& directory_key,
                  std::optional<KeyRecord> root_key = std::nullopt);

  // Null before the first one was fetched.
  std::shared_ptr<const Directory> current() const;
  // current(), or Error(unavailable, QZ-AGT-021) when there is none yet, QZ-AGT-022 when it has expired.
  std::shared_ptr<const Directory> in_force() const;

  // Version and digest to show to the hub; zero if there is none.
  wire::DirectoryReference reference() const;
  // The root of that directory as it was signed: proves it to a hub that has never seen it (R6.5). Empty if none.
  Bytes signed_root() const;
  // True if the hub's reference is another one than ours.
  bool differs(const wire::DirectoryReference& theirs) const;
  // The keys that are trusted now.
  seal::DirectoryTrust trust() const;
  // Fetches the hub's directory and puts it in force if it is newer, or the same version re-signed with another
  // digest is refused: Error(corrupt, QZ-AGT-023) for an older or a forked one, which stays out of force. By whatever
  // key, versions only grow. Throws Error(corrupt, QZ-SEAL-080 to 084) for a root that no trusted key signed.
  void refresh(HubLink& link);

  // Every incarnation ever seen (R5.1).
  void note_incarnation(const Incarnation& incarnation);
  std::set<Incarnation> incarnations() const;

 private:
  // Everything that the root needs, as far as we or the hub have it.
  std::map<Digest, Bytes> collect(const seal::RootContent& root, HubLink& link) const;
  void install(const wire::DirectoryReply& reply, const seal::TrustedRoot& root, const std::map<Digest, Bytes>& parts);
  // What is trusted once the reply's chain and replacement were followed.
  seal::DirectoryTrust follow(const wire::DirectoryReply& reply, std::uint64_t version) const;

  store::Store& store_;
  const Clock& clock_;
  Digest digest_of(const Bytes& part) const;

  DigestSuite suite_;
  std::optional<KeyRecord> root_key_;
  std::mutex install_mutex_;  // taken before mutex_
  mutable std::mutex mutex_;
  seal::DirectoryTrust trust_;
  std::shared_ptr<const Directory> current_;
  std::map<Digest, Bytes> parts_;
  std::set<Incarnation> incarnations_;
};

}  // namespace qianzhi::flow
