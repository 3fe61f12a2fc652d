// The shape of a publication's table: what was read last, what it is now, and whether the mapping still fits (pitfall
// 28). Compatible changes go on and are noted once; all others stop the publication before a row of the new shape is
// sealed, with old shape, new shape and the line of the configuration to look at.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/flow/publication.h"
#include "hub-protocol/base/bytes.h"

namespace qianzhi::flow {

// A column that the publication reads, as it was read last.
struct ShapeColumn {
  std::string name;
  std::string native_type;
  ItemType type = ItemType::text;
  bool nullable = true;
  Bytes use;  // stands for how it is mapped: another mapping is an operator's answer to another type
  bool operator==(const ShapeColumn&) const = default;
};

struct ShapeNote {
  Micros time = 0;
  std::string text;
  bool operator==(const ShapeNote&) const = default;
};

// Kept in the agent's store, one a publication.
struct Shape {
  std::vector<ShapeColumn> columns;
  std::vector<std::string> others;       // columns that the publication does not read
  std::vector<std::string> key;          // the table's primary key
  std::vector<std::string> key_columns;  // the publication's
  std::string instance;
  Bytes mapping;                 // stands for the whole mapping
  std::vector<ShapeNote> notes;  // compatible changes, newest last
  bool operator==(const Shape&) const = default;
};

Bytes encode(const Shape& shape);
// Nothing for one that cannot be read: as if none was kept.
std::optional<Shape> decode_shape(std::string_view octets);
// In the store: the shape; and that an operator accepts the table as it is now.
std::string shape_name(std::string_view topic);
std::string accepted_name(std::string_view topic);

// Columns, types, key and instance as one text: another text, something to judge.
std::string fingerprint(const adapter::TableInfo& table);

struct ShapeVerdict {
  std::string stop;  // why no row may be read; empty: go on with `next`
  Shape next;
  bool resend = false;             // rows that were sent would be sent otherwise now
  std::vector<std::string> notes;  // what is new and compatible; also in next.notes
};

// known: nothing when the publication was never read, or by a version that kept no shapes. carried: columns of this
// table that any publication reads. accepted: by an operator; what is not there at all still stops.
ShapeVerdict judge_shape(const std::optional<Shape>& known, const adapter::TableInfo& now,
                         const Publication& publication, const std::set<std::string>& carried, bool accepted,
                         Micros time);

}  // namespace qianzhi::flow
