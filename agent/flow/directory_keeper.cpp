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
constexpr std::string_view part_prefix = "directory/part/";
constexpr std::string_view incarnation_prefix = "incarnation/";
// Together they stay below what a reply may have: PROTOCOL.md 11.
constexpr int parts_at_once = 4;

std::string expiry(const Directory& directory, Micros now) {
  return "expired at " + to_text(directory.expires) + ", by this machine's clock it is " + to_text(now);
}

std::string incarnation_name(const Incarnation& incarnation) {
  wire::IncarnationMessage message;
  write_value(incarnation, message);
  return std::string(incarnation_prefix) + to_hex(message.SerializeAsString());
}

}  // namespace

DirectoryKeeper::DirectoryKeeper(store::Store& store, const Clock& clock, KeyRecord directory_key)
    : store_(store), clock_(clock), directory_key_(std::move(directory_key)) {
  for (const auto& [name, octets] : store_.values_with_prefix(incarnation_prefix)) {
    wire::IncarnationMessage message;
    if (message.ParseFromString(octets)) incarnations_.insert(read_value(message));
  }
  const auto root = store_.value(root_name);
  if (!root) return;
  for (auto& [name, octets] : store_.values_with_prefix(part_prefix)) parts_[digest_of(octets)] = octets;
  current_ = std::make_shared<const Directory>(seal::open_directory(*root, parts_, directory_key_));
}

Digest DirectoryKeeper::digest_of(const Bytes& part) const { return seal::digest_of(part, directory_key_.suite); }

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
  const wire::DirectoryReply root_reply = link.directory({});
  const seal::RootContent root = seal::open_root(root_reply.signed_root(), directory_key_);
  if (ours && root.version == ours->version && root.digest == ours->digest) return;
  if (ours && root.version <= ours->version)
    throw Error(ErrorKind::corrupt, "QZ-AGT-023",
                "shown " + std::to_string(root.version) + ", in force " + std::to_string(ours->version));
  const std::map<Digest, Bytes> parts = collect(root, link);
  install(root_reply.signed_root(), parts);
}

std::map<Digest, Bytes> DirectoryKeeper::collect(const seal::RootContent& root, HubLink& link) const {
  std::map<Digest, Bytes> parts;
  // Code tables are known only once the catalogue is there.
  for (auto missing = seal::missing_parts(root, parts, directory_key_.suite); !missing.empty();
       missing = seal::missing_parts(root, parts, directory_key_.suite)) {
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

void DirectoryKeeper::install(const Bytes& signed_root, const std::map<Digest, Bytes>& parts) {
  auto directory = std::make_shared<const Directory>(seal::open_directory(signed_root, parts, directory_key_));
  if (directory->expires != 0 && clock_.now() >= directory->expires)
    throw Error(ErrorKind::corrupt, "QZ-AGT-022", expiry(*directory, clock_.now()));
  // Stages fetch side by side: the slower one must not put an older directory over a newer.
  const std::lock_guard installing(install_mutex_);
  if (const auto ours = current(); ours && directory->version <= ours->version) return;
  const auto old_parts = store_.values_with_prefix(part_prefix);
  store_.update([&](store::StoreTransaction& transaction) {
    for (const auto& [name, octets] : old_parts) transaction.erase_value(name);
    for (const auto& [digest, octets] : parts) transaction.put_value(std::string(part_prefix) + digest.hex(), octets);
    transaction.put_value(root_name, signed_root);
  });
  log(LogLevel::notice, "directory", "version " + std::to_string(directory->version) + " is in force");
  const std::lock_guard lock(mutex_);
  current_ = std::move(directory);
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
