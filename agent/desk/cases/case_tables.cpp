#include "agent/desk/cases/case_tables.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

const Table& case_table(const std::map<std::string, Table>& tables, const std::string& id, const std::string& rule) {
  const auto found = tables.find(id);
  if (found == tables.end()) throw Error(ErrorKind::misuse, "QZ-DSK-108", "cases of " + rule + ": no table " + id);
  return found->second;
}

std::string case_column(const Table& table, const std::string& item, const std::string& rule) {
  if (item.empty()) return "''";
  const auto found = table.columns.find(item);
  if (found == table.columns.end())
    throw Error(ErrorKind::misuse, "QZ-DSK-108", "cases of " + rule + ": " + table.id + " has no item " + item);
  std::string quoted = "\"";
  for (const char c : found->second) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

}  // namespace qianzhi::desk
