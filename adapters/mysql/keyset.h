// Reads a table in key order, a page at a time: SELECT ... WHERE key > last key ORDER BY key LIMIT n.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/mysql/catalog.h"
#include "adapters/mysql/session.h"
#include "adapters/mysql/statement.h"

namespace qianzhi::mysql {

struct KeysetPage {
  std::vector<Column> columns;
  std::size_t rows = 0;
  Bytes cursor;            // last key, or the one given if there is no row
  bool exhausted = false;  // nothing was behind the last row in this snapshot
};

// One part of a key: how it sorts, how its value is shown to be bound again, and the other way round.
struct KeyPart {
  std::string order;      // expression that sorts and compares
  std::string parameter;  // "?", or what makes the column's type of it
  ParameterKind kind = ParameterKind::text;
};
// octets: sort in octet order although no index helps (pitfall 25).
KeyPart key_part_of(const CatalogColumn& column, bool octets);

// Where a unique index holds the key or a part of it, the order is the server's own, so that the index is used: no two
// rows are equal in it. Elsewhere text sorts octet by octet, because a collation may hold different texts for equal
// (pitfall 25).
class KeysetReader {
 public:
  // columns in the order wanted; key columns must be among them. forms: of each column, empty: as the catalogue says.
  // condition: SQL of our own, or empty.
  KeysetReader(const CatalogTable& table, std::vector<std::string> columns, const std::vector<std::string>& key,
               std::string condition, std::vector<Form> forms = {});

  // As the condition of the constructor.
  void set_condition(std::string condition) { condition_ = std::move(condition); }

  // In the session's open transaction, so that the caller can read other facts in the same snapshot. Rows are taken
  // one by one from the connection: memory is one page. Throws Error(misuse, QZ-MY-019) on a foreign cursor.
  KeysetPage read(Session& session, Charsets& charsets, const Bytes& cursor, const adapter::ReadLimits& limits);

 private:
  std::string text(bool from_start) const;
  void append_row(const Statement& row, Charsets& charsets, KeysetPage& page, std::size_t& octets) const;

  std::string table_;
  std::string condition_;
  std::vector<std::string> columns_;
  std::vector<Form> forms_;
  std::vector<std::size_t> key_;  // indexes in columns_
  std::vector<KeyPart> parts_;
  std::size_t octets_a_row_ = 0;  // seen so far; 0: unknown
};

}  // namespace qianzhi::mysql
