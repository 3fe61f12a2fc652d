#include "hub-protocol/hub/publisher.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/wire/directory.pb.h"

namespace qianzhi::hub {

namespace {

bool names_keys(const Bytes& signed_root, const KeyRecord& hub_key, const seal::KeyNews& keys) {
  wire::SignedRoot message;
  wire::DirectoryRoot root;
  return message.ParseFromString(signed_root) && root.ParseFromString(message.root()) &&
         root.hub_key().id() == hub_key.id && root.next_key().id() == (keys.next == nullptr ? "" : keys.next->id) &&
         root.replacement() == keys.replacement;
}

// The last root, if this directory's key signed it.
std::optional<seal::RootContent> read_root(const Bytes& signed_root, const KeyRecord& directory_key) {
  if (signed_root.empty()) return std::nullopt;
  // A store of another directory key: the new key signs a new version.
  try {
    return seal::open_root(signed_root, directory_key);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// Code tables are named by the catalogue, so the three say it all.
bool says_the_same(const seal::RootContent& root, const seal::SealedDirectory& sealed) {
  return std::all_of(root.parts.begin(), root.parts.end(),
                     [&](const Digest& part) { return sealed.parts.count(part) != 0; });
}

}  // namespace

bool runs_out(const Directory& directory, Micros now) {
  return directory.expires - now < (directory.expires - directory.issued) / 2;
}

Published publish_directory(Directory content, const LastDirectory& last, std::uint64_t next_version, Micros now,
                            Micros validity, const seal::SigningKey& directory_key, const seal::KeyNews& keys) {
  content.version = next_version;
  content.issued = now;
  content.expires = now + validity;
  Published fresh{std::move(content), {}};
  fresh.sealed = seal::seal_directory(fresh.directory, directory_key, keys);
  fresh.directory.digest = fresh.sealed.digest;
  const auto root = read_root(last.signed_root, directory_key.record());
  if (!root.has_value() || root->version + 1 < next_version || !says_the_same(*root, fresh.sealed) ||
      !names_keys(last.signed_root, fresh.directory.hub_key, keys))
    return fresh;
  Published same = fresh;
  same.directory.version = root->version;
  same.directory.issued = root->issued;
  same.directory.expires = root->expires;
  same.directory.digest = root->digest;
  same.sealed.signed_root = last.signed_root;
  same.sealed.digest = root->digest;
  const bool is_young = now >= root->issued && root->expires - root->issued == validity;
  return is_young && !runs_out(same.directory, now) ? same : fresh;
}

}  // namespace qianzhi::hub
