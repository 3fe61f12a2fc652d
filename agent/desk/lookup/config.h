// Who may look up what at a department's desk, in desk.yaml:
//
//   lookup:
//     limits: {characters: 2, hits: 50, searches: 30}      # at least so many; at most so many; a minute and account
//     subjects:
//       firm: {title: 企业, title_en: Firms, table: base_firm, name: name,
//              codes: [registration, organisation, credit],
//              titles: {name: 名称, person: 法定代表人}}
//     roles:
//       counter: {subjects: [firm], search: [code, name, initials], items: [name, registration], masked: [person]}
//
// An item that is in neither list of a role is never shown to it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/desk/data/table.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::desk::lookup {

enum class SearchBy { code, name, initials };
std::string_view word_of(SearchBy by);

struct Subject {
  std::string id;
  std::string title;
  std::string title_en;
  Table table;
  std::string name;                           // item; empty: only codes are searched
  std::vector<std::string> codes;             // items
  std::map<std::string, std::string> titles;  // item -> what people call it; others show their id
};

struct Role {
  std::string id;
  std::set<std::string> subjects;
  std::set<SearchBy> search;
  std::vector<std::string> items;  // shown, in this order
  std::set<std::string> masked;    // of those: only their first and last characters
};

// Whoever asks, with their role.
struct Account {
  std::string id;
  std::string role;
};

struct Limits {
  std::size_t characters = 2;
  std::size_t hits = 50;
  std::size_t searches = 30;
};

struct LookupConfig {
  Limits limits;
  std::vector<Subject> subjects;
  std::map<std::string, Role> roles;

  const Subject* subject(std::string_view id) const;
};

// reader: the map `lookup`. What is wrong is in its diagnostics: QZ-DSK-210 for names that are not there. Items of
// tables that are not opened are not looked for.
LookupConfig read_lookup(yaml::MapReader& reader, const std::vector<Table>& tables);

}  // namespace qianzhi::desk::lookup
