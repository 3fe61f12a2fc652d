// Which triggers of ours are in the database, told by a function that the install script makes, so that the agent's
// account needs no right to make any.
#pragma once

#include <map>
#include <string>

#include "adapters/api/adapter.h"
#include "adapters/mysql/session.h"

namespace qianzhi::mysql {

// The function; plain.
std::string triggers_function(const std::string& source);
// CREATE OR REPLACE FUNCTION, for the install script.
std::string triggers_function_sql(const adapter::SourceSpec& spec);
// Trigger: digest of its body, of all that the function tells.
std::map<std::string, std::string> installed_triggers(Session& session, const adapter::SourceSpec& spec);
// The digest that the server makes of a body.
std::string body_digest(Session& session, const std::string& body);

}  // namespace qianzhi::mysql
