// What people say to the desk on the command line about cases, notices and matches. The program takes the words apart;
// here they are carried out.
//
//   case list [state=S] [rule=R] [area=A] [office=O] [after=N] [most=N]
//   case show N               case urge N [NOTE]        case visit N [NOTE]
//   case assign N OFFICE [PERSON]                       case outcome N OUTCOME [DAY] [NOTE]
//   case note N TEXT          case person N NAME [DOCUMENT]
//   case exempt N REASON      case appeal N REASON      case close N REASON
//   case figures RULE FROM TO [area|kind|office|party|month]  case completed RULE FROM TO [...]
//   match list               match decided             match same|different|later LEFT RIGHT [REMARK]
//   match undo LEFT RIGHT
//   notice list [STATE]       notice again N            notice drop N
#pragma once

#include <string>
#include <vector>

#include "agent/desk/work/desk_work.h"

namespace qianzhi::desk {

enum class WorkForm { text, json, csv };  // csv: figures only

// words: without the program's name. user: of this machine, as the kernel has it. Gives what is printed. Throws what
// CaseDesk throws; Error(misuse, QZ-DSK-125) for words that are none of these.
std::string work_verb(DeskWork& work, const std::string& user, const std::vector<std::string>& words, WorkForm form);

}  // namespace qianzhi::desk
