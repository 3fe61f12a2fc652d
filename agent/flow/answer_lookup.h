// The lookup of all answer services of one source. A service whose statement cannot be opened is left out and told;
// the others are asked.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/api/lookup.h"

namespace qianzhi::flow {

struct AnswerLookup {
  std::unique_ptr<adapter::Lookup> lookup;        // null: there is nothing to ask
  std::map<std::string, std::size_t> statements;  // by service, those that can be asked
  std::map<std::string, Error> refused;           // by service, why the others cannot
};

// Throws as Adapter::open_lookup() where it is about no statement.
AnswerLookup open_answers(adapter::Adapter& adapter, const adapter::LookupSpec& spec);

// What Lookup::preflight() finds of those that can be opened, and an error for each of the others. Throws likewise.
std::vector<adapter::Finding> preflight_answers(adapter::Adapter& adapter, const adapter::LookupSpec& spec);

}  // namespace qianzhi::flow
