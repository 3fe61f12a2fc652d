#include "agent/flow/directory_keeper.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

constexpr std::string_view root_name = "directory/root";
constexpr std::string_view trust_name = "directory/trust";
constexpr std::string_view part_prefix = "directory/part/";
constexpr std::string_view chain_prefix = "directory/chain/";  // roots that announced another key, for auditors
constexpr std::string_view incarnation_prefix = "incarnation/";
// Together they stay below what a reply may have: PROTOCOL.md 11.
constexpr int parts_at_once = 4;

std::string expiry(const Directory& directory, Micros now) {
  return "expired at " + to_text(directory.expires) + ", by this machine's clock it is " + to_text(now);
}

// A key that the DBA has pinned since takes the place of all that came of another one.
seal::DirectoryTrust kept_trust(store::Store& store, const KeyRecord& pinned) {
  const auto kept = store.value(trust_name);
  if (!kept) return seal::trust_in(pinned);
  seal::DirectoryTrust trust = seal::trust_from(*kept, pinned.suite);
  const bool is_of_it = trust.pinned == pinned.id || trust.present.id == pinned.id;
  return is_of_it ? trust : seal::trust_in(pinned);
}

std::string incarnation_name(const Incarnation& incarnation) {
  wire::IncarnationMessage message;
  write_value(incarnation, message);
  return std::string(incarnation_prefix) + to_hex(message.SerializeAsString());
}

}  // namespace

DirectoryKeeper::DirectoryKeeper(store::Store& store, const Clock& clock, const KeyRecord& directory_key,
                                 std::optional<KeyRecord> root_key)
    : store_(store),
      clock_(clock),
      suite_(directory_key.suite),
      root_key_(std::move(root_key)),
      trust_(kept_trust(store, directory_key)) {
  for (const auto& [name, octets] : store_.values_with_prefix(incarnation_prefix)) {
    wire::IncarnationMessage message;
    if (message.ParseFromString(octets)) incarnations_.insert(read_value(message));
  }
  const auto root = store_.value(root_name);
  if (!root) return;
  if (seal::signer_of(*root) != trust_.present.id) {
    log(LogLevel::warning, "directory", "another directory key is pinned: what was kept does not count any more");
    return;
  }
  for (auto& [name, octets] : store_.values_with_prefix(part_prefix)) parts_[digest_of(octets)] = octets;
  current_ = std::make_shared<const Directory>(seal::open_directory(*root, parts_, trust_.present));
}

seal::DirectoryTrust DirectoryKeeper::trust() const {
  const std::lock_guard lock(mutex_);
  return trust_;
}

Digest DirectoryKeeper::digest_of(const Bytes& part) const { return seal::digest_of(part, suite_); }

std::shared_ptr<const Directory> DirectoryKeeper::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::shared_ptr<const Directory> DirectoryKeeper::in_force() const {
  auto directory = current();
  if (!directory) throw Error(ErrorKind::unavailable, "QZ-AGT-021", "no directory yet");
  if (directory->expires != 0 && clock_.now() >= directory->expires)
    throw Error(ErrorKind::unavailable, "QZ-AGT-022", expiry(*directory, clock_.now()));
  return directory;
}

wire::DirectoryReference DirectoryKeeper::reference() const {
  const auto directory = current();
  wire::DirectoryReference reference;
  if (directory) {
    reference.set_version(directory->version);
    reference.set_digest(directory->digest.bytes());
  }
  return reference;
}

Bytes DirectoryKeeper::signed_root() const { return store_.value(root_name).value_or(Bytes()); }

bool DirectoryKeeper::differs(const wire::DirectoryReference& theirs) const {
  const auto ours = reference();
  return theirs.version() != ours.version() || theirs.digest() != ours.digest();
}

void DirectoryKeeper::refresh(HubLink& link) {
  // Before asking: what another stage installs meanwhile is no sign of a hub that goes back.
  const auto ours = current();
  wire::DirectoryRequest root_request;
  root_request.set_known_key(trust().present.id);
  const wire::DirectoryReply root_reply = link.directory(root_request);
  seal::TrustedRoot trusted =
      seal::open_trusted(root_reply.signed_root(), follow(root_reply, ours ? ours->version : 0));
  if (root_key_) trusted.trust = seal::past_replacement(trusted.root.replacement, *root_key_, trusted.trust);
  const seal::RootContent& root = trusted.root;
  if (ours && root.version == ours->version && root.digest == ours->digest) return;
  if (ours && root.version <= ours->version)
    throw Error(ErrorKind::corrupt, "QZ-AGT-023",
                "shown " + std::to_string(root.version) + ", in force " + std::to_string(ours->version));
  const std::map<Digest, Bytes> parts = collect(root, link);
  install(root_reply, trusted, parts);
}

std::map<Digest, Bytes> DirectoryKeeper::collect(const seal::RootContent& root, HubLink& link) const {
  std::map<Digest, Bytes> parts;
  // Code tables are known only once the catalogue is there.
  for (auto missing = seal::missing_parts(root, parts, suite_); !missing.empty();
       missing = seal::missing_parts(root, parts, suite_)) {
    wire::DirectoryRequest request;
    {
      const std::lock_guard lock(mutex_);
      for (const Digest& digest : missing) {
        const auto held = parts_.find(digest);
        if (held != parts_.end())
          parts[digest] = held->second;
        else if (request.parts_size() < parts_at_once)
          request.add_parts(digest.bytes());
      }
    }
    if (request.parts_size() == 0) continue;
    const std::size_t before = parts.size();
    const wire::DirectoryReply fetched = link.directory(request);
    for (const std::string& part : fetched.parts()) {
      const Digest digest = digest_of(part);
      if (std::find(missing.begin(), missing.end(), digest) != missing.end()) parts[digest] = part;
    }
    // What stays away is told by whoever opens the directory.
    if (parts.size() == before) break;
  }
  return parts;
}

seal::DirectoryTrust DirectoryKeeper::follow(const wire::DirectoryReply& reply, std::uint64_t version) const {
  seal::DirectoryTrust next = trust();
  const std::string signer = seal::signer_of(reply.signed_root());
  const bool is_known = signer == next.present.id || (next.next && next.next->id == signer);
  const bool is_retired = std::find(next.retired.begin(), next.retired.end(), signer) != next.retired.end();
  if (is_known || is_retired) return next;
  if (root_key_ && !reply.replacement().empty()) next = seal::replace_key(reply.replacement(), *root_key_, next);
  if (signer == next.present.id) return next;
  const std::vector<std::string> chain(reply.key_chain().begin(), reply.key_chain().end());
  return seal::follow_chain(chain, std::move(next), version);
}

void DirectoryKeeper::install(const wire::DirectoryReply& reply, const seal::TrustedRoot& root,
                              const std::map<Digest, Bytes>& parts) {
  const Bytes& signed_root = reply.signed_root();
  auto directory = std::make_shared<const Directory>(seal::open_directory(signed_root, parts, root.key));
  if (directory->expires != 0 && clock_.now() >= directory->expires)
    throw Error(ErrorKind::corrupt, "QZ-AGT-022", expiry(*directory, clock_.now()));
  // Stages fetch side by side: the slower one must not put an older directory over a newer.
  const std::lock_guard installing(install_mutex_);
  if (const auto ours = current(); ours && directory->version <= ours->version) return;
  const auto old_parts = store_.values_with_prefix(part_prefix);
  std::vector<Bytes> links(reply.key_chain().begin(), reply.key_chain().end());
  if (root.trust.present.id == trust().present.id)
    links.clear();
  else if (links.empty())
    links.push_back(this->signed_root());
  store_.update([&](store::StoreTransaction& transaction) {
    for (const auto& [name, octets] : old_parts) transaction.erase_value(name);
    for (const auto& [digest, octets] : parts) transaction.put_value(std::string(part_prefix) + digest.hex(), octets);
    transaction.put_value(root_name, signed_root);
    for (const Bytes& link : links)
      if (!link.empty()) transaction.put_value(std::string(chain_prefix) + digest_of(link).hex(), link);
    // With the root that it stands on: never one without the other.
    transaction.put_value(trust_name, seal::to_octets(root.trust));
  });
  if (root.trust.present.id != trust().present.id)
    log(LogLevel::notice, "directory", "signed by a new key from now on: " + root.trust.present.id);
  log(LogLevel::notice, "directory", "version " + std::to_string(directory->version) + " is in force");
  const std::lock_guard lock(mutex_);
  current_ = std::move(directory);
  trust_ = root.trust;
  parts_ = parts;
}

void DirectoryKeeper::note_incarnation(const Incarnation& incarnation) {
  {
    const std::lock_guard lock(mutex_);
    if (incarnations_.count(incarnation) != 0) return;
  }
  wire::IncarnationMessage message;
  write_value(incarnation, message);
  store_.update([&](store::StoreTransaction& transaction) {
    transaction.put_value(incarnation_name(incarnation), message.SerializeAsString());
  });
  const std::lock_guard lock(mutex_);
  incarnations_.insert(incarnation);
}

std::set<Incarnation> DirectoryKeeper::incarnations() const {
  const std::lock_guard lock(mutex_);
  return incarnations_;
}

}  // namespace qianzhi::flow
