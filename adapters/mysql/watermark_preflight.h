// Whether the watermarks of a source are there, of a type that can be one, indexed, readable and kept.
#pragma once

#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/mysql/findings.h"
#include "adapters/mysql/rights.h"
#include "adapters/mysql/session.h"

namespace qianzhi::mysql {

// One event for each table whose own mark (watermark_plan.h) is not kept now: a trigger is missing or was altered. Few
// statements, none if no mark is our own.
std::vector<adapter::TableEvent> unkept_marks(Session& session, const adapter::SourceSpec& spec);

// Reads only.
void check_watermarks(Session& session, const adapter::SourceSpec& spec, const Rights& rights, Findings& findings);

}  // namespace qianzhi::mysql
