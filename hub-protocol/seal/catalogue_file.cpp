#include "hub-protocol/seal/catalogue_file.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/directory_parts.h"

namespace qianzhi::seal {

Bytes write_catalogue_file(const Directory& directory) {
  wire::CatalogueFile file;
  Directory departments;
  departments.departments = directory.departments;
  wire::MembersPart members;
  write_members(departments, members);
  file.mutable_departments()->Swap(members.mutable_departments());
  write_catalogue(directory, *file.mutable_catalogue());
  for (const auto& [id, table] : directory.catalogue.code_tables) write_code_table(table, *file.add_code_tables());
  return file.SerializeAsString();
}

Directory read_catalogue_file(std::string_view octets) {
  wire::CatalogueFile file;
  if (!file.ParseFromArray(octets.data(), static_cast<int>(octets.size())))
    throw Error(ErrorKind::corrupt, "QZ-SEAL-041", "malformed catalogue");
  if (static_cast<std::size_t>(file.code_tables_size()) > most_code_tables)
    throw Error(ErrorKind::corrupt, "QZ-SEAL-041", "too many code tables");
  Directory directory;
  wire::MembersPart members;
  members.mutable_departments()->Swap(file.mutable_departments());
  read_members(members, DigestSuite::sha256, directory);
  for (const wire::CodeTablePart& table : file.code_tables()) read_code_table(table, directory);
  read_catalogue(file.catalogue(), directory);
  return directory;
}

Digest content_digest(Directory directory) {
  directory.catalogue.version = 0;
  for (auto& [id, topic] : directory.catalogue.topics) {
    topic.initials.clear();
    for (Item& item : topic.items) item.initials.clear();
  }
  return digest_of(write_catalogue_file(directory), DigestSuite::sha256);
}

}  // namespace qianzhi::seal
