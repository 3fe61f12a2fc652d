// The parts of a directory as messages. Readers add to a directory, check every number and reference that comes
// from outside, and throw Error(corrupt, QZ-SEAL-041).
#pragma once

#include "hub-protocol/model/directory.h"
#include "hub-protocol/wire/directory.pb.h"

namespace qianzhi::seal {

void write_key(const KeyRecord& key, wire::KeyMessage& message);
void write_members(const Directory& directory, wire::MembersPart& part);
// Topics only: the references to the code tables need their digests.
void write_catalogue(const Directory& directory, wire::CataloguePart& part);
void write_code_table(const CodeTable& table, wire::CodeTablePart& part);
void write_grants(const Directory& directory, wire::GrantsPart& part);

void write_provision(const Provision& provision, wire::ProvisionMessage& message);
// One grant with all that it has. read_terms() of document.h leaves out id, approvals and request.
void write_grant(const Grant& grant, wire::GrantMessage& message);

// suite: of the directory.
KeyRecord read_key(const wire::KeyMessage& message, DigestSuite suite);
void read_members(const wire::MembersPart& part, DigestSuite suite, Directory& directory);
// After members and code tables: topics name departments and tables.
void read_catalogue(const wire::CataloguePart& part, Directory& directory);
void read_code_table(const wire::CodeTablePart& part, Directory& directory);
// Call it last: grants name topics and departments.
void read_grants(const wire::GrantsPart& part, Directory& directory);

}  // namespace qianzhi::seal
