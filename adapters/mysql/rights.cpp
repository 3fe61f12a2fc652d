#include "adapters/mysql/rights.h"

#include <algorithm>

namespace qianzhi::mysql {

Rights::Rights(Session& session) : session_(session) {
  const Result who = session.run(
      "SELECT CONCAT(QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1)), '@', QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', "
      "-1)))",
      "asking who we are");
  account_ = who.text(0, 0);
  const Result found = session.query("SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = ?",
                                     Parameters().add(account_), "looking at rights");
  for (int row = 0; row < found.rows(); ++row) global_.insert(found.text(row, 0));
}

// A grant on a database may name it with wildcards: as LIKE reads them.
bool Rights::has(const std::string& right, const std::string& schema, const std::string& table,
                 const std::vector<std::string>& columns) const {
  if (has_global(right)) return true;
  const Result found = session_.query(
      "SELECT (SELECT COUNT(*) FROM information_schema.SCHEMA_PRIVILEGES WHERE GRANTEE = ? AND PRIVILEGE_TYPE = ?"
      " AND ? LIKE TABLE_SCHEMA) + (SELECT COUNT(*) FROM information_schema.TABLE_PRIVILEGES WHERE GRANTEE = ?"
      " AND PRIVILEGE_TYPE = ? AND TABLE_SCHEMA = ? AND TABLE_NAME = ?)",
      Parameters().add(account_).add(right).add(schema).add(account_).add(right).add(schema).add(table),
      "looking at rights");
  if (found.truth(0, 0)) return true;
  if (columns.empty()) return false;
  return std::all_of(columns.begin(), columns.end(), [&](const std::string& column) {
    const Result of_column = session_.query(
        "SELECT COUNT(*) FROM information_schema.COLUMN_PRIVILEGES WHERE GRANTEE = ? AND PRIVILEGE_TYPE = ?"
        " AND TABLE_SCHEMA = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
        Parameters().add(account_).add(right).add(schema).add(table).add(column), "looking at rights");
    return of_column.truth(0, 0);
  });
}

}  // namespace qianzhi::mysql
