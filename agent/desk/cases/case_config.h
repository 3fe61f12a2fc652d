// `cases:` and `case_staff:` of desk.yaml: which findings become cases, who works on them, and how they end.
//
//   cases:
//     - rule: no_tax_registration
//       deadline: 30                        # calendar days from the finding's `since`; holidays extend it
//       offices: {"440103": 荔湾税务所}       # area or its beginning -> office; the longest that fits
//       default_office: 征管科
//       notice: {outlet: sms, fields: {to: "{contact_phone}", text: "请于 {due} 前办理税务登记"}}
//       warning: {outlet: post, fields: {...}}   # likewise urge
//       outcomes:                           # left out: the three of no_tax_registration
//         - {id: not_found, title: 实地查找不到, codes: ["3"], ends: true, not_found: true}
//       persons: {table: members, subject: application, name: name, document: id_number}
//       kind: category                      # the value of detail by which statistics tell cases apart
//       purpose: 税源监控
//       basis: 税收征收管理法
//       appeal_days: 30                     # after its end; left out: no limit
//       results:                            # outcomes that the department's own system writes
//         - {table: tax.visit, subject: registration_number, code: result, person: officer, time: day, note: note}
//   case_staff: [{user: li, role: officer, offices: [荔湾税务所], masked: [document]}]
// review: true for whoever decides about uncertain pairs of records. masked: left out, viewers see documents masked,
// all others see persons as they are.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/desk/outlets/text_template.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::desk {

// How a visit, or a check, can end.
struct OutcomeKind {
  std::string id;
  std::string title;
  std::string title_en;
  std::vector<std::string> codes;  // as the department's tables write it; id and titles are always known
  bool ends = false;               // the case ends with it; else it waits for the finding to close
  bool not_found = false;          // such subjects are told to every department (table case_not_found)
};

// 找到企业已登记, 找到企业未登记, 实地查找不到.
std::vector<OutcomeKind> visit_outcomes();

struct CaseNotice {
  std::string outlet;  // empty: none
  TextTemplates fields;
};

struct PersonTable {
  std::string table;  // id; empty: none
  std::string subject;
  std::string name;
  std::string document;  // empty: none
};

// Items of one table that outcomes are read from. Either the case's number or its subject names the case.
struct ResultTable {
  std::string table;
  std::string number;
  std::string subject;
  std::string party;
  std::string code;
  std::string person;
  std::string time;
  std::string note;
};

struct CaseRule {
  std::string rule;
  int deadline = 0;  // days; 0: none
  std::map<std::string, std::string> offices;
  std::string default_office;
  CaseNotice notice;
  CaseNotice warning;
  CaseNotice urge;
  std::vector<OutcomeKind> outcomes;
  PersonTable persons;
  std::string kind;
  std::string purpose;
  std::string basis;
  int appeal_days = 0;
  std::vector<ResultTable> results;

  // Empty: nobody is named for it.
  std::string office_for(std::string_view area) const;
  // By id, title or code; null: there is none.
  const OutcomeKind* outcome(std::string_view word) const;
};

enum class CaseRole {
  viewer,   // reads
  officer,  // urges, visits and notes outcomes, of the own offices' cases
  head,     // everything, of all offices or of those named
};

struct Staff {
  std::string user;
  CaseRole role = CaseRole::viewer;
  std::vector<std::string> offices;  // empty: all
  std::set<std::string> masked;      // of persons: name, document; seen in part only
  bool review = false;               // decides whether uncertain pairs of records are one

  bool is_everywhere() const { return offices.empty(); }
};

struct CasesConfig {
  std::vector<CaseRule> rules;
  std::vector<Staff> staff;
  const CaseRule* rule(std::string_view id) const;
  const Staff* person(std::string_view user) const;
};

// The keys cases and case_staff. What is wrong is a diagnostic. outlets: ids that there are.
CasesConfig read_cases(yaml::MapReader& root, const std::vector<std::string>& outlets);

}  // namespace qianzhi::desk
