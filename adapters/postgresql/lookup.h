// A PostgreSQL database that answers questions: each statement is prepared once, and the questions of a call are sent
// one behind the other without waiting for answers (pipeline mode), in one read-only snapshot.
#pragma once

#include <memory>
#include <vector>

#include "adapters/api/lookup.h"
#include "adapters/postgresql/session.h"
#include "adapters/postgresql/values.h"

namespace qianzhi::postgresql {

// clock must outlive it.
std::unique_ptr<adapter::Lookup> make_lookup(const adapter::LookupSpec& spec, const Clock& clock);

struct PreparedLookup {
  std::string name;             // of the prepared statement
  std::vector<Oid> parameters;  // types, the limit of rows is one more
  std::vector<Form> forms;      // of the columns
  std::vector<Oid> types;       // likewise
  std::vector<ItemType> asked;  // of the parameters
};

// SQL with $1, $2 ... for the parameters and one more for the most rows.
std::string lookup_text(const adapter::LookupStatement& statement);

// On the session, under this name. Throws Error(misuse, QZ-ADP-011) if a table or column is missing; as failure.h says
// otherwise.
PreparedLookup prepare_lookup(Session& session, const adapter::LookupStatement& statement, const std::string& name);

// lookup_preflight.cpp; in a read-only transaction of the session.
std::vector<adapter::Finding> check_lookup(Session& session, const adapter::LookupSpec& spec);

}  // namespace qianzhi::postgresql
