#include "adapters/mysql/installed_triggers.h"

#include <algorithm>
#include <set>

#include "adapters/mysql/names.h"
#include "adapters/mysql/plan.h"

namespace qianzhi::mysql {

namespace {

// "name=digest/name=digest"
std::map<std::string, std::string> pairs_of(const std::string& text) {
  std::map<std::string, std::string> pairs;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('/', at), text.size());
    const std::size_t equal = text.find('=', at);
    if (equal < end) pairs[text.substr(at, equal - at)] = text.substr(equal + 1, end - equal - 1);
    at = end + 1;
  }
  return pairs;
}

}  // namespace

std::string triggers_function(const std::string& source) { return "qianzhi_" + source + "_triggers"; }

std::string triggers_function_sql(const adapter::SourceSpec& spec) {
  std::set<std::string> schemas;
  for (const adapter::SourceTable& table : spec.tables) {
    const std::string schema = split_table(table.table).first;
    const std::string usual = database_of(spec.connection);
    schemas.insert(!schema.empty() ? name_literal(schema) : usual.empty() ? "DATABASE()" : name_literal(usual));
  }
  std::string list;
  for (const std::string& schema : schemas) list += (list.empty() ? "" : ", ") + schema;
  const std::string function = quote_name(triggers_function(spec.name));
  return "-- Tells the agent which triggers there are, so that it needs no right to make any.\n"
         "CREATE OR REPLACE FUNCTION " +
         function +
         "() RETURNS longtext CHARACTER SET utf8mb4\n"
         "  READS SQL DATA SQL SECURITY DEFINER\n"
         "  RETURN (SELECT GROUP_CONCAT(CONCAT(TRIGGER_NAME, '=', MD5(ACTION_STATEMENT)) SEPARATOR '/')\n"
         "    FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (" +
         list + ") AND LEFT(TRIGGER_NAME, 8) = 'qianzhi_');\n\n";
}

std::map<std::string, std::string> installed_triggers(Session& session, const adapter::SourceSpec& spec) {
  const Result found = session.run("SELECT " + full_table(spec.connection, triggers_function(spec.name)) + "()",
                                   "looking at the triggers");
  return pairs_of(found.text(0, 0));
}

std::string body_digest(Session& session, const std::string& body) {
  return session.query("SELECT MD5(?)", Parameters().add(body), "looking at the triggers").text(0, 0);
}

}  // namespace qianzhi::mysql
