#include "agent/config/quoting.h"

namespace qianzhi::config {

Quoting quoting_of(const DatabaseConfig& database) {
  const auto dialect = database.options.find("dialect");
  const std::string& kind = dialect == database.options.end() ? database.type : dialect->second;
  Quoting quoting;
  if (kind == "mysql" || kind == "mariadb") quoting.quote = '`';
  // Two columns of different collations are not compared by themselves.
  if (kind == "postgresql" || kind == "kingbase") quoting.collation = " COLLATE \"C\"";
  return quoting;
}

}  // namespace qianzhi::config
