// Messages of the pgoutput plugin, protocol version 1 (PostgreSQL documentation, "Logical Replication Message
// Formats"). Every read is checked against the end of the message: Error(corrupt, QZ-PG-015).
// Texts and values are views into the message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/postgresql/position.h"
#include "adapters/postgresql/values.h"

namespace qianzhi::postgresql {

enum class MessageKind : char {
  begin = 'B',
  commit = 'C',
  origin = 'O',
  relation = 'R',
  type = 'Y',
  insert = 'I',
  update = 'U',
  remove = 'D',
  truncate = 'T',
  message = 'M',
};

struct BeginMessage {
  Lsn commit = 0;  // where the commit record begins
  Micros commit_time = 0;
  std::uint32_t xid = 0;
};

struct CommitMessage {
  Lsn commit = 0;
  Lsn end = 0;  // where the commit record ends
};

struct RelationAttribute {
  bool in_identity = false;
  std::string_view name;
  Oid type = 0;
};

struct RelationMessage {
  Oid id = 0;
  std::string_view schema;
  std::string_view name;
  char identity = 'd';  // as CatalogTable::identity
  std::vector<RelationAttribute> attributes;
};

// kind: 'n' null, 'u' unchanged and not sent (out-of-line value), 't' text.
struct TupleValue {
  char kind = 'n';
  std::string_view text;
};
using Tuple = std::vector<TupleValue>;

struct RowMessage {
  Oid relation = 0;
  char old_kind = 0;  // 0: no old tuple; 'K': identity columns only; 'O': whole row
  Tuple old_values;
  Tuple new_values;
};

struct TruncateMessage {
  std::vector<Oid> relations;
};

struct LogicalMessage {
  bool transactional = false;
  std::string_view prefix;
  std::string_view content;
};

// The octet a message begins with; unknown ones are Error(corrupt, QZ-PG-015).
MessageKind kind_of(std::string_view message);

BeginMessage parse_begin(std::string_view message);
CommitMessage parse_commit(std::string_view message);
RelationMessage parse_relation(std::string_view message);
// insert, update or remove. Reuses row's storage.
void parse_row(std::string_view message, RowMessage& row);
TruncateMessage parse_truncate(std::string_view message);
LogicalMessage parse_logical_message(std::string_view message);

}  // namespace qianzhi::postgresql
