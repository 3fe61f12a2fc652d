// The MariaDB adapter: log capture from the binary log, capture by triggers, snapshots, and a writer. Tested with
// MariaDB 10.11; MySQL is refused. Options and secrets: session.h.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"

namespace qianzhi::adapter {

// clock must outlive the adapter and everything it opens.
std::unique_ptr<Adapter> make_mysql_adapter(const Clock& clock);

}  // namespace qianzhi::adapter
