// Reads a table in key order, a page at a time: WHERE key > last key ORDER BY key, at most n rows. No driver can be
// trusted to hand out a long result piece by piece (pitfall 24), so a page is asked for no larger than it may become.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/odbc/catalog.h"
#include "adapters/odbc/session.h"

namespace qianzhi::odbc {

struct KeysetPage {
  std::vector<Column> columns;
  std::size_t rows = 0;
  Bytes cursor;            // last key, or the one given if there is no row
  bool exhausted = false;  // nothing was behind the last row
};

// The order is the database's own for these columns, so that the index of the key is used. Under it no two keys are
// equal, because a unique index says so (pitfall 25); octet order only where columns are not known to have one order.
class KeysetReader {
 public:
  // columns in the order wanted; key columns must be among them. condition: SQL of our own, or empty.
  KeysetReader(const Dialect& dialect, const std::string& table, const CatalogTable& found,
               std::vector<std::string> columns, const std::vector<std::string>& key, std::string condition);

  // As the condition of the constructor.
  void set_condition(std::string condition) { condition_ = std::move(condition); }

  // In the caller's transaction. Throws Error(misuse, QZ-ODB-012) on a foreign cursor, QZ-ADP-016 on a key with NULL.
  KeysetPage read(Session& session, const Bytes& cursor, const adapter::ReadLimits& limits);
  // The row with this key, whose parts are texts as the dialect reads them; a page of at most one row.
  KeysetPage find(Session& session, const std::vector<std::string>& key);
  // SELECT of a page, for golden files and messages.
  std::string statement(bool from_start, std::size_t rows) const;

 private:
  enum class Ask { first, after, one };
  std::string statement(Ask ask, std::size_t rows) const;
  std::string after() const;
  std::string select_list() const;
  Parameters parameters(Ask ask, const std::vector<std::string>& key) const;
  KeysetPage run(Session& session, Ask ask, const std::vector<std::string>& key, std::size_t asked,
                 std::size_t octet_limit);
  bool fill(Rows& rows, std::size_t asked, std::size_t octet_limit, KeysetPage& page);

  const Dialect* dialect_;
  std::string table_;
  std::string condition_;
  std::vector<std::string> columns_;
  std::vector<Form> forms_;
  std::vector<bool> is_long_;            // by column: read piece by piece, behind the others
  std::vector<std::size_t> key_;         // in columns_
  std::vector<std::string> parameters_;  // by part of the key
  std::vector<std::string> order_;
  std::size_t octets_a_row_ = 0;  // seen so far; 0: unknown
};

}  // namespace qianzhi::odbc
