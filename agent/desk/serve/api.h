// The interface for programs, below /api/: "Authorization: Bearer TOKEN", parameters and bodies as forms or as JSON
// objects of texts; answers in JSON, refusals as {"code":"QZ-DSK-121"}.
//   GET  overview ?rule                     open cases by stage, area and office
//   GET  cases ?rule&area&office&state&due=late|today&mine=1&most&after       POST cases/find: the same with text
//   GET  cases/N                            a case with persons, history and `version`
//   POST cases                              rule, subject, title, party, area, since, purpose, basis, persons (a line
//   each) POST cases/N/ACTION                     assign (office, assignee), urge, visit (note), outcome (outcome, day,
//   note),
//                                           exempt, appeal, close, note (reason), person (name, document)
//                                           version: refused if another changed the case; request: carried out once
//   GET  reports/ID ?from&to                GET notices ?state      POST notices/N/again, notices/N/drop
//   GET  review                             POST review/decide (left, right, decision=same|different|later, remark)
//                                           POST review/undo (left, right)
//   GET  health                             POST search (subject, by, text, purpose)
// Internal to this folder.
#pragma once

#include <string>

#include "agent/desk/serve/visit.h"

namespace qianzhi::desk::serve {

// The account is known. Errors are replies.
web::Reply api_reply(Visit& visit);
web::Reply api_error(int status, const std::string& code);

}  // namespace qianzhi::desk::serve
