// How texts that we put together quote names for a kind of database; what a DBA wrote goes there as it is.
#pragma once

#include <string>

#include "agent/config/config.h"

namespace qianzhi::config {

struct Quoting {
  char quote = '"';
  std::string collation = {};  // behind a text that is compared with one of another column: a COLLATE clause, or empty
};

Quoting quoting_of(const DatabaseConfig& database);

}  // namespace qianzhi::config
