// Any octets as a signed root, and, after a first octet that says which, as one part of a directory that is signed
// and digested correctly, and as a catalogue by itself. Nothing but Error may come out, and what opens must survive
// being sealed again.
#include <cstdint>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/catalogue_file.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/wire/directory.pb.h"
#include "tests/support/sha256_of.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using qianzhi::test::sha256_of;

namespace {

const SigningKey& directory_key() {
  static const SigningKey key = SigningKey::generate();
  return key;
}

template <typename Action>
void errors_only(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    QZ_ASSERT(error.code().starts_with("QZ-SEAL-"));
  }
}

void check_part(std::string_view octets) {
  if (octets.empty()) return;
  const Bytes part(octets.substr(1));
  Directory empty;
  empty.hub_key = directory_key().record();
  SealedDirectory sealed = seal_directory(empty, directory_key());
  wire::SignedRoot outer;
  wire::DirectoryRoot root;
  QZ_ASSERT(outer.ParseFromString(sealed.signed_root) && root.ParseFromString(outer.root()));
  sealed.parts[sha256_of(part)] = part;
  const Bytes digest = sha256_of(part).bytes();
  if (octets[0] == 0) root.set_members(digest);
  if (octets[0] == 1) root.set_catalogue(digest);
  if (octets[0] == 2) root.set_grants(digest);
  if (octets[0] == 3) {
    // As a code table that a catalogue names.
    wire::CodeTablePart table;
    if (!table.ParseFromString(part)) return;
    wire::CataloguePart catalogue;
    catalogue.add_code_tables()->set_id(table.id());
    catalogue.mutable_code_tables(0)->set_digest(digest);
    const Bytes named = catalogue.SerializeAsString();
    sealed.parts[sha256_of(named)] = named;
    root.set_catalogue(sha256_of(named).bytes());
  }
  outer.set_root(root.SerializeAsString());
  outer.mutable_signature()->set_value(directory_key().sign(Purpose::directory, outer.root()));
  Directory opened = open_directory(outer.SerializeAsString(), sealed.parts, directory_key().record());
  const SealedDirectory again = seal_directory(opened, directory_key());
  opened.digest = again.digest;
  QZ_ASSERT(open_directory(again.signed_root, again.parts, directory_key().record()) == opened);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  errors_only([&] { open_root(octets, directory_key().record()); });
  errors_only([&] { check_part(octets); });
  errors_only([&] {
    const Directory catalogue = read_catalogue_file(octets);
    QZ_ASSERT(read_catalogue_file(write_catalogue_file(catalogue)) == catalogue);
  });
  return 0;
}
