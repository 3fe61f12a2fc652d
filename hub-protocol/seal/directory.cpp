#include "hub-protocol/seal/directory.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/directory_parts.h"

namespace qianzhi::seal {

namespace {

[[noreturn]] void bad_root(std::string_view what) { throw Error(ErrorKind::corrupt, "QZ-SEAL-040", what); }

template <typename Part>
Digest add_part(const Part& part, DigestSuite suite, SealedDirectory& sealed) {
  Bytes octets = part.SerializeAsString();
  const Digest digest = digest_of(octets, suite);
  sealed.parts.emplace(digest, std::move(octets));
  return digest;
}

template <typename Part>
Part find_part(const std::map<Digest, Bytes>& parts, const std::string& wanted, DigestSuite suite) {
  if (wanted.size() != Digest::size) throw Error(ErrorKind::corrupt, "QZ-SEAL-041", "a digest has not 32 octets");
  const Digest digest = Digest::from_bytes(wanted);
  const auto found = parts.find(digest);
  if (found == parts.end()) throw Error(ErrorKind::corrupt, "QZ-SEAL-041", "missing " + digest.hex());
  Part part;
  if (digest_of(found->second, suite) != digest || !part.ParseFromString(found->second))
    throw Error(ErrorKind::corrupt, "QZ-SEAL-041", "not what its digest says: " + digest.hex());
  return part;
}

wire::CataloguePart find_catalogue(const std::map<Digest, Bytes>& parts, const std::string& wanted, DigestSuite suite) {
  auto part = find_part<wire::CataloguePart>(parts, wanted, suite);
  if (static_cast<std::size_t>(part.code_tables_size()) > most_code_tables)
    throw Error(ErrorKind::corrupt, "QZ-SEAL-041", "too many code tables");
  return part;
}

// The root whose signature holds, and the digest of its exact octets.
struct VerifiedRoot {
  wire::DirectoryRoot root;
  Digest digest;
};

VerifiedRoot verified_root(std::string_view signed_root, const KeyRecord& directory_key) {
  wire::SignedRoot outer;
  if (!outer.ParseFromArray(signed_root.data(), static_cast<int>(signed_root.size()))) bad_root("malformed");
  if (outer.signature().key_id() != directory_key.id) bad_root("signed with a key that is not the directory key");
  if (!verify(directory_key, Purpose::directory, outer.root(), outer.signature().value()))
    bad_root("the signature does not hold");
  VerifiedRoot result;
  if (!result.root.ParseFromString(outer.root())) bad_root("malformed");
  for (const std::string* digest : {&result.root.members(), &result.root.catalogue(), &result.root.grants()})
    if (digest->size() != Digest::size) bad_root("a digest does not have 32 octets");
  result.digest = digest_of(outer.root(), directory_key.suite);
  return result;
}

}  // namespace

Directory in_suite(Directory directory, DigestSuite suite) {
  for (auto& [id, agent] : directory.agents) {
    for (KeyRecord& key : agent.signing_keys) key = in_suite(std::move(key), suite);
    for (KeyRecord& key : agent.encryption_keys) key = in_suite(std::move(key), suite);
  }
  return directory;
}

SealedDirectory seal_directory(const Directory& directory, const SigningKey& directory_key, const KeyNews& keys) {
  SealedDirectory sealed;
  const DigestSuite suite = directory_key.record().suite;
  // Else nobody could open it.
  QZ_ASSERT(directory.hub_key.suite == suite || directory.hub_key.id.empty());
  wire::MembersPart members;
  wire::CataloguePart catalogue;
  wire::GrantsPart grants;
  write_members(directory, members);
  write_catalogue(directory, catalogue);
  for (const auto& [id, table] : directory.catalogue.code_tables) {
    wire::CodeTablePart part;
    write_code_table(table, part);
    wire::CodeTableReference& reference = *catalogue.add_code_tables();
    reference.set_id(id);
    reference.set_digest(add_part(part, suite, sealed).bytes());
  }
  write_grants(directory, grants);
  wire::DirectoryRoot root;
  root.set_version(directory.version);
  root.set_issued(directory.issued);
  root.set_expires(directory.expires);
  write_key(directory.hub_key, *root.mutable_hub_key());
  root.set_members(add_part(members, suite, sealed).bytes());
  root.set_catalogue(add_part(catalogue, suite, sealed).bytes());
  root.set_grants(add_part(grants, suite, sealed).bytes());
  if (keys.next != nullptr) write_key(*keys.next, *root.mutable_next_key());
  root.set_replacement(Bytes(keys.replacement));
  wire::SignedRoot outer;
  outer.set_root(root.SerializeAsString());
  outer.mutable_signature()->set_key_id(directory_key.record().id);
  outer.mutable_signature()->set_value(directory_key.sign(Purpose::directory, outer.root()));
  sealed.signed_root = outer.SerializeAsString();
  sealed.digest = digest_of(outer.root(), suite);
  return sealed;
}

RootContent open_root(std::string_view signed_root, const KeyRecord& directory_key) {
  const VerifiedRoot verified = verified_root(signed_root, directory_key);
  const wire::DirectoryRoot& root = verified.root;
  RootContent content{
      root.version(),
      verified.digest,
      root.issued(),
      root.expires(),
      {Digest::from_bytes(root.members()), Digest::from_bytes(root.catalogue()), Digest::from_bytes(root.grants())},
      std::nullopt,
      root.replacement()};
  if (root.has_next_key()) content.next_key = read_key(root.next_key(), directory_key.suite);
  return content;
}

std::vector<Digest> missing_parts(const RootContent& root, const std::map<Digest, Bytes>& parts, DigestSuite suite) {
  std::vector<Digest> missing;
  const auto want = [&](const Digest& digest) {
    if (parts.count(digest) == 0) missing.push_back(digest);
  };
  for (const Digest& digest : root.parts) want(digest);
  const Digest& catalogue = root.parts.at(1);
  if (parts.count(catalogue) == 0) return missing;
  const auto part = find_catalogue(parts, catalogue.bytes(), suite);
  for (const wire::CodeTableReference& reference : part.code_tables()) {
    if (reference.digest().size() != Digest::size)
      throw Error(ErrorKind::corrupt, "QZ-SEAL-041", "a digest has not 32 octets");
    want(Digest::from_bytes(reference.digest()));
  }
  return missing;
}

Directory open_directory(std::string_view signed_root, const std::map<Digest, Bytes>& parts,
                         const KeyRecord& directory_key) {
  const VerifiedRoot verified = verified_root(signed_root, directory_key);
  const wire::DirectoryRoot& root = verified.root;
  const DigestSuite suite = directory_key.suite;
  Directory directory;
  directory.version = root.version();
  directory.digest = verified.digest;
  directory.issued = root.issued();
  directory.expires = root.expires();
  directory.hub_key = read_key(root.hub_key(), suite);
  read_members(find_part<wire::MembersPart>(parts, root.members(), suite), suite, directory);
  const auto catalogue = find_catalogue(parts, root.catalogue(), suite);
  for (const wire::CodeTableReference& reference : catalogue.code_tables()) {
    const auto table = find_part<wire::CodeTablePart>(parts, reference.digest(), suite);
    if (table.id() != reference.id())
      throw Error(ErrorKind::corrupt, "QZ-SEAL-041", "a code table has another id than the catalogue says");
    read_code_table(table, directory);
  }
  read_catalogue(catalogue, directory);
  read_grants(find_part<wire::GrantsPart>(parts, root.grants(), suite), directory);
  return directory;
}

}  // namespace qianzhi::seal
