// A lookup whose work is done by a program: process_adapter.h.
#pragma once

#include <memory>

#include "adapters/api/lookup.h"

namespace qianzhi::adapter {

struct Program;

// Its process is started at the first use. clock must outlive it.
std::unique_ptr<Lookup> make_process_lookup(const Program& program, const Clock& clock, const LookupSpec& spec);

}  // namespace qianzhi::adapter
