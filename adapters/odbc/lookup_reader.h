// One statement of a lookup: its SQL in the words of the dialect, and the rows of one question after the other.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/lookup.h"
#include "adapters/odbc/dialect.h"
#include "adapters/odbc/session.h"
#include "adapters/sql/lookup.h"

namespace qianzhi::odbc {

// Throws Error(misuse, QZ-ADP-060 or -061) as sql::ready_text() does.
void check_text(const Dialect& dialect, const adapter::LookupStatement& statement);

// Questions become placeholders; a text becomes a table of a query of ours, so that its columns come
// as texts that are exact. Its own order of rows is therefore only kept where it limits them itself.
class LookupReader {
 public:
  // Looks at the table, or prepares the text. Throws Error(misuse, QZ-ADP-011) if a table or column is missing,
  // QZ-ADP-061 if the text has placeholders of its own.
  LookupReader(Session& session, const adapter::LookupStatement& statement);

  const std::vector<ItemType>& asked() const { return asked_; }
  const std::vector<Form>& forms() const { return forms_; }
  // In the caller's transaction. Throws what the session throws. rows_each: most rows that the database is asked for,
  // less one.
  adapter::sql::Answer find(Session& session, const std::vector<Column>& questions, std::uint32_t row,
                            std::size_t rows_each, const adapter::sql::Room& room, std::vector<Column>& to);
  std::string sql(std::size_t rows) const;
  // Values for it that stand for any: for a plan.
  Parameters samples() const;

 private:
  void read_table(Session& session, const adapter::LookupStatement& statement);
  void read_text(Session& session, const adapter::LookupStatement& statement);
  Parameters values(const std::vector<Column>& questions, std::uint32_t row) const;
  std::vector<std::size_t> places(std::vector<bool>& is_long) const;
  bool take(Rows& rows, const std::vector<std::size_t>& places, const adapter::sql::Room& room, std::vector<Column>& to,
            bool& more);

  const Dialect* dialect_;
  std::string doing_;
  std::string from_;  // FROM and WHERE
  std::vector<std::string> columns_;
  std::vector<Form> forms_;
  std::vector<ItemType> asked_;
  std::vector<std::size_t> values_;  // the parameter whose value each ? takes
  std::vector<bool> is_long_;        // by column: read piece by piece, behind the others
};

}  // namespace qianzhi::odbc
