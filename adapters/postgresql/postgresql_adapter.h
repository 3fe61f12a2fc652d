// The PostgreSQL adapter: log capture through pgoutput, snapshots, and a writer. Tested with PostgreSQL 15.
// Connection::options: "dsn" (libpq keywords or URI) or "service"; Connection::secrets: "password".
#pragma once

#include <memory>

#include "adapters/api/adapter.h"

namespace qianzhi::adapter {

// clock must outlive the adapter and everything it opens.
std::unique_ptr<Adapter> make_postgresql_adapter(const Clock& clock);

}  // namespace qianzhi::adapter
