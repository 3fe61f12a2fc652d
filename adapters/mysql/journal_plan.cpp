#include "adapters/mysql/journal_plan.h"

namespace qianzhi::mysql {

adapter::Plan plan_journal(const adapter::SourceSpec& /*spec*/) { return {}; }

}  // namespace qianzhi::mysql
