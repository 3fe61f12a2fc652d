#include "adapters/odbc/dialect.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

const std::vector<const Dialect*>& all_dialects() {
  static const std::vector<const Dialect*> all{&postgresql_dialect(), &kingbase_dialect(),  &mariadb_dialect(),
                                               &sqlite_dialect(),     &sqlserver_dialect(), &oracle_dialect(),
                                               &dm_dialect(),         &db2_dialect()};
  return all;
}

const Dialect& dialect_of(std::string_view name) {
  std::string known;
  for (const Dialect* dialect : all_dialects()) {
    if (dialect->name == name) return *dialect;
    known.append(known.empty() ? "" : ", ").append(dialect->name);
  }
  throw Error(ErrorKind::misuse, "QZ-ADP-010", "the option dialect must be one of " + known);
}

std::string fill(std::string_view text, const std::vector<Filling>& fillings) {
  std::string filled;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    filled.append(text.substr(0, open));
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    const Filling* found = nullptr;
    for (const Filling& filling : fillings)
      if (close != std::string_view::npos && text.substr(1, close - 1) == filling.name) found = &filling;
    if (found != nullptr) filled.append(found->text);
    if (found == nullptr) filled.push_back('{');
    text.remove_prefix(found == nullptr ? 1 : close + 1);
  }
  return filled;
}

}  // namespace qianzhi::odbc
