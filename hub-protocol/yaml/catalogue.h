// The shared catalogue from a folder of YAML files: catalogue.yaml holds the version and the data items (数据元) that
// topics share, every other *.yaml file one department and its topics.
//
//   catalogue.yaml      version: 1
//                       code_tables: {gbt_2260: {title, title_en, edition, file: codes/gbt_2260.csv, partial: true}}
//                       items: {registration_number: {title: 企业注册号, title_en: ..., type: code(18), check: ...}}
//   commerce.yaml       department: {id: commerce, title: 工商部门, title_en: ...}
//                       items: {...}            # optional, items that only this file uses
//                       defaults: {...}         # optional, of all its topics: what is marked * below
//                       topics: {commerce.opening_registration: {title, title_en, mode, key, partition, items: [...]}}
//
// An item of one topic may also stand in its list as a map: items: [a, {id: b, title: ..., type: ...}].
// A topic may also say on what terms it is provided (all *): code, sharing (must, conditional, none; the latter two
// need a basis), basis, conditions, purposes, publishable, grade (general, important, core), update_cycle, contact,
// summary, and department, where that is not the file's. An item may name a code_table.
//
// Types: text code digits bytes with (length), integer, decimal(p,s), date, year, timestamp, boolean. Key items are
// always required. A bad check digit, or a value that is not in the code table, quarantines a row only with
// `check_quarantines: true`.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/model/topic.h"
#include "hub-protocol/yaml/diagnostics.h"

namespace qianzhi::yaml {

struct CatalogueFolder {
  Catalogue catalogue;
  std::map<std::string, Department, std::less<>> departments;  // as the files name them
};

// Reads every *.yaml file of the folder in name order. What is wrong is in diagnostics; the result is then incomplete.
CatalogueFolder load_catalogue_folder(const std::filesystem::path& folder, Diagnostics& diagnostics);

// The same without the departments.
Catalogue load_catalogue(const std::filesystem::path& folder, Diagnostics& diagnostics);

}  // namespace qianzhi::yaml
