// What is told about a case, through which outlet; internal to this folder.
#pragma once

#include <string_view>

#include "agent/desk/cases/case_config.h"
#include "agent/desk/cases/case_store.h"
#include "agent/desk/outlets/notice.h"

namespace qianzhi::desk {

// In the caller's transaction. Once for each word, case and time it was opened or opened again; for an urging once
// each. Names in its templates: number, rule, subject, party, area, title, kind, since, due, office, assignee, urges,
// and what the finding's detail holds. False: nothing is configured, or it was told before.
bool tell_case(NoticeBox& box, CaseStore& store, const CaseNotice& notice, std::string_view word, const CaseFile& file,
               Micros now);

}  // namespace qianzhi::desk
