// What desk.yaml says of base records: for each kind of record its sources, their codes, and who is believed on what.
//
//   records:
//     firm:
//       base: commerce                       # the source whose rows make a record whole
//       match: {name: name, person: legal_representative, address: domicile}   # optional: suggestions for rows without
//       codes sources:
//         commerce: {table: commerce.opening_registration, time: establishment_date,
//                    codes: {registration_number: registration_number},
//                    items: {name: enterprise_name, domicile: domicile}}
//         quality:  {table: quality.code_certificate_issue, time: issue_date,
//                    codes: {registration_number: registration_number, organisation_code: organisation_code},
//                    items: {name: organisation_name}}
//       items:
//         name: {from: [commerce, quality], rule: ordered, standard: name}
//         domicile: {from: [commerce], rule: authoritative}
//
// Kinds: firm and person. codes -> item of the table: of firms registration_number, organisation_code, credit_code,
// taxpayer_id; of persons citizen_id.
// time: the item that says from when a row's values are; without it qz_seen, where the table has it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/desk/data/table.h"
#include "agent/desk/standard/codes.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::desk::records {

enum class ConflictRule {
  ordered,        // the first source of `from` that has a value
  newest,         // the value with the latest time; of equal times the first source
  authoritative,  // only the first source counts, also if it has no value
};

enum class Standard { text, name, address, person, date };  // how values are compared; what is stored is as given

struct RecordItem {
  std::string id;
  std::vector<std::string> from;
  ConflictRule rule = ConflictRule::ordered;
  Standard standard = Standard::text;
};

struct RecordSource {
  std::string name;
  Table table;
  std::map<standard::CodeKind, std::string> codes;  // -> item id of the table
  std::map<std::string, std::string> items;         // record item -> item id of the table
  std::string time;                                 // column; empty: none
};

struct MatchItems {  // record items; name is never empty
  std::string name;
  std::string person;
  std::string address;
};

struct RecordKind {
  std::string id;
  std::string base;
  std::vector<RecordSource> sources;
  std::vector<RecordItem> items;
  std::optional<MatchItems> match;

  const RecordSource* source(std::string_view name) const;
};

struct RecordsConfig {
  std::vector<RecordKind> kinds;

  // Changes with everything that records depend on.
  std::int64_t fingerprint() const;
};

// reader: the map `records`; null is no kind. What is wrong is in its diagnostics: unknown tables, items and sources
// (QZ-DSK-202) and the reader's own findings. Items of tables that are not opened are not looked for.
RecordsConfig read_records(yaml::MapReader& reader, const std::vector<Table>& tables);

}  // namespace qianzhi::desk::records
