// Comparison rules as people write them: which rows are looked at, what must or must not stand beside them, and when.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/yaml/diagnostics.h"

namespace qianzhi::desk {

// Rows whose item has one of these values; negated: any other, or none.
struct Condition {
  std::string item;
  std::vector<std::string> values;
  bool negated = false;
};
using Filter = std::vector<Condition>;

// How a row of the base finds its rows in another table: base item = its item, or through a table that knows both
// (organisation codes by registration number): base = through.enters, through.leaves = item.
struct Join {
  std::string base;
  std::string item;
  std::string through;  // table id; empty: none
  std::string enters;
  std::string leaves;
};

// The rows that are judged, one subject each.
struct Base {
  std::string table;
  std::string subject;
  std::string since;  // empty: no date
  std::string area;   // empty: none
  std::string name;   // of the firm or person; empty: none
  std::vector<std::string> detail;
  Filter filter;
};

// How two values are made alike before they are compared.
enum class Likeness { exact, text, code, name, address, date };

struct Compared {
  std::string item;   // of the base, the authority
  std::string other;  // of the compared table
  Likeness likeness = Likeness::text;
  bool skip_empty = false;  // an empty value on either side is no difference
};

// Rows of another table that belong to a row of the base, by any of the joins.
struct Linked {
  std::string table;
  std::vector<Join> joins;
  Filter filter;
};

// A department that is judged by its own table.
struct Party {
  std::string id;
  Linked linked;
  std::vector<Compared> items;  // difference only
};

// Base rows that have such a row are not judged.
struct Exemption {
  Linked linked;
  std::set<std::string> parties;  // of these parties only; empty: of all
};

// One of the tables over which duplicates are looked for.
struct Grouped {
  std::string table;
  std::vector<std::string> group;  // the same thing in each table: household and benefit, for instance
  std::string since;               // empty: none
  std::string area;
  std::string name;
  std::string amount;  // item with a whole number to add up; empty: a row counts 1
  Filter filter;
};

// For rules of kind sql: a change of this table touches the subject that the item holds.
struct TouchedBy {
  std::string table;
  std::string item;
};

enum class RuleKind { missing, contradiction, duplicate, difference, sql };

// When a rule is judged beside being asked for. Several may be given.
struct Schedule {
  bool on_change = false;  // what the changed rows touch, as they come
  Micros every = 0;        // the same, but at most so often; 0: not
  int daily = -1;          // everything, at this minute of the day in Beijing; -1: not
};

struct Rule {
  std::string id;
  RuleKind kind = RuleKind::missing;
  std::string title;
  std::string title_en;
  yaml::Place place;
  Schedule schedule;
  std::string level = "warning";  // where no days decide

  Base base;  // missing, contradiction, difference
  std::vector<Party> parties;
  std::vector<Exemption> exempt;
  int notice = -1;   // days after base.since, extended over days off, on which a notice is due; -1: none
  int warning = -1;  // after which it is a warning; -1: none

  std::vector<Grouped> tables;  // duplicate
  std::uint64_t most = 1;       // more are too many
  int within = -1;              // counted over so many days; -1: ever

  std::string sql;  // sql: subject, party, area, title, since, level, detail
  std::vector<TouchedBy> touched_by;
};

}  // namespace qianzhi::desk
