// From a department's columns to a topic's items: rename, constant, code table, normalisation, type, length, required
// and check-digit rules, area derivation and row filter. Columns in, columns out; no database and no queue in sight.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "hub-protocol/model/rows.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::mapping {

// Why a row cannot be sealed. A faulty item is null in Mapped::items (but a bad check digit keeps its value), so a row
// with a fault can be sealed as withheld if all its key items have values. detail names item and rule and
// shows no more than the first 3 characters of a value, and none of a personal item.
struct Fault {
  std::size_t row = 0;
  std::string item;
  std::string code;  // QZ-MAP-...
  std::string detail;
};

// Result for the rows of one chunk; every vector has one entry a row.
struct Mapped {
  std::vector<Column> items;       // in Topic::items order; a remove has only its key items
  std::vector<bool> in_filter;     // `where` holds for the new values; meaningless for a remove
  std::vector<std::string> group;  // partition value of the new values, "" if unknown
  // The same for the values before the change, from the old columns; equal to the new ones where nothing changed.
  std::vector<bool> old_in_filter;
  std::vector<std::string> old_group;
  std::vector<Fault> faults;  // sorted by row; at most one a row
  std::size_t findings = 0;   // check digits and codes that are not as they should be but do not quarantine
};

// Not thread-safe; cheap to make.
class Mapper {
 public:
  // Throws Error(misuse, QZ-MAP-001) if an item has no rule and is required or a key, or a rule names no item.
  // codes: the catalogue's tables; values of items that name one of them are looked up there.
  Mapper(const config::PublicationConfig& publication, const Topic& topic, const CodeTables& codes = {});

  // Source columns to read, and those whose old value is needed (partition and filter inputs), each sorted and unique.
  const std::vector<std::string>& columns() const;
  const std::vector<std::string>& old_columns() const;
  // Source columns of the topic's key items, in key order. Throws QZ-MAP-001 at construction if a key item is not a
  // column.
  const std::vector<std::string>& key_columns() const;

  // columns and old as in columns() and old_columns(); old may be empty (snapshot rows): then old = new.
  // operations: one a row, upsert or remove. The partition item is always given as it is after the change, even where
  // its column is unchanged. A remove whose old partition or filter value is not known (old not captured) is a fault;
  // with an empty old it is taken to be in the filter and in the unknown group.
  // day: YYYY-MM-DD of the capture, by which codes are judged; empty: any time of theirs is good.
  // Throws Error(misuse, QZ-MAP-002) if the columns are not as many or not as long as they must be.
  Mapped map(const std::vector<Operation>& operations, const std::vector<Column>& columns,
             const std::vector<Column>& old, std::string_view day = {}) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace qianzhi::mapping
