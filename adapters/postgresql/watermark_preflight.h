// Whether the watermarks of a source are there, of a type that can be one, indexed, readable and kept.
#pragma once

#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/findings.h"
#include "adapters/postgresql/session.h"

namespace qianzhi::postgresql {

// One event for each table whose own mark (watermark_plan.h) is not kept now: its trigger is missing or disabled. One
// statement, none if no mark is our own.
std::vector<adapter::TableEvent> unkept_marks(Session& session, const adapter::SourceSpec& spec);

// Reads only.
void check_watermarks(Session& session, const adapter::SourceSpec& spec, Findings& findings);

}  // namespace qianzhi::postgresql
