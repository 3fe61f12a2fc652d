// Reads a table in key order, a page at a time: SELECT ... WHERE (key) > (last key) ORDER BY key LIMIT n.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/catalog.h"
#include "adapters/postgresql/session.h"

namespace qianzhi::postgresql {

// FROM ... AS t: rows of a table, joined to the keys that are wanted. $1, $2 ... are one text[] for each part of the
// key; qz_j.qz_n is the place of a key in them, from 1.
std::string from_keys(const CatalogTable& table, const std::vector<std::string>& key);

struct KeysetPage {
  std::vector<Column> columns;
  Column digest;  // if asked for
  std::size_t rows = 0;
  std::size_t octets = 0;  // of the values
  Bytes cursor;            // last key, or the one given if there is no row
  bool exhausted = false;  // nothing was behind the last row in this snapshot
};

// The order is the server's own for these columns, so that the key's index is used; only a collation that holds
// different texts for equal is replaced by octet order, because paging needs a total order (pitfall 25).
class KeysetReader {
 public:
  // columns in the order wanted; key columns must be among them. condition: SQL of our own, or empty. digest: an
  // expression of our own over columns of the table alone, or empty.
  KeysetReader(const CatalogTable& table, std::vector<std::string> columns, const std::vector<std::string>& key,
               std::string condition, std::string digest = {});

  // In the session's open transaction, so that the caller can read other facts in the same snapshot. Rows are taken
  // one by one from the connection: memory is one page. Throws Error(misuse, QZ-PG-019) on a foreign cursor.
  KeysetPage read(Session& session, const Bytes& cursor, const adapter::ReadLimits& limits);

 private:
  std::string statement(bool from_start) const;
  void ask(Session& session, const adapter::ReadLimits& limits, KeysetPage& page);
  void receive(Session& session, const adapter::ReadLimits& limits, std::size_t asked, KeysetPage& page);
  // Gives the octets of the row's values.
  std::size_t append_row(const Result& row, KeysetPage& page) const;

  std::string table_;
  std::string condition_;
  std::string digest_;
  std::vector<std::string> columns_;
  std::vector<Form> forms_;
  std::vector<std::size_t> key_;        // indexes in columns_
  std::vector<std::string> key_types_;  // as SQL
  std::vector<std::string> key_order_;  // expressions
  std::size_t octets_a_row_ = 0;        // seen so far; 0: unknown
};

}  // namespace qianzhi::postgresql
