// Where changes of tables are told, for those who only look at what changed.
#pragma once

#include <map>
#include <string>

namespace qianzhi::desk {

// A log of changes, desk_change(seq, source, key) of a received file or one of its form: key is a JSON array of the
// key's values as texts, or "*" where it cannot be told which row it was.
struct ChangeFile {
  std::string log;                            // quoted for SQL, with its database
  std::map<std::string, std::string> tables;  // source, as the log has it -> id of the table
};

}  // namespace qianzhi::desk
