// A table of requests in the department's own database, and the table of what was answered to them, as adapters are
// asked for them. Pure: opens nothing.
//
// Of each request the answer table holds one row of provider `whole_answer` and line 0: whether it was asked, is over
// or was refused here, and why; and of each provider that was asked its lines from 1 on: one a row that it found, or
// one that says that there is none, or none yet. Its key is (qz_request, qz_provider, qz_line); the items that are
// answered have columns of their names, or as they are renamed.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/lookup.h"
#include "agent/config/config.h"
#include "hub-protocol/model/rows.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::flow {

inline constexpr const char* whole_answer = "*";
inline constexpr const char* asked_word = "asked";  // state of a whole answer that is not over

// Columns of the answer table that are ours.
namespace answer_column {
inline constexpr const char* request = "qz_request";
inline constexpr const char* provider = "qz_provider";
inline constexpr const char* line = "qz_line";
inline constexpr const char* state = "qz_state";      // asked, over, refused; of a provider: open, answered, ...
inline constexpr const char* verdict = "qz_verdict";  // found, not_found, ...
inline constexpr const char* code = "qz_code";        // of a refusal
inline constexpr const char* message = "qz_message";
inline constexpr const char* inquiry = "qz_inquiry";  // its id, in hexadecimal
inline constexpr const char* asked = "qz_asked";      // these three in the agent's time zone
inline constexpr const char* deadline = "qz_deadline";
inline constexpr const char* settled = "qz_settled";
inline constexpr const char* providers = "qz_providers";  // how many were asked
inline constexpr const char* answered = "qz_answered";    // how many of them answered
}  // namespace answer_column

// Columns of a request that are read, each once; the key is the first.
std::vector<std::string> request_columns(const config::AskConfig& ask);

// Statements of requests_spec(): requests without a row of the whole answer, and those that it says were asked.
inline constexpr std::size_t new_requests = 0;
inline constexpr std::size_t asked_requests = 1;
// The source's database is asked, and its way to quote names counts.
adapter::LookupSpec requests_spec(const std::string& agent, const config::AskConfig& ask,
                                  const config::SourceConfig& source, adapter::Connection connection);
// The one question that finds them: a column a parameter, of one entry.
std::vector<Column> requests_question(const config::AskConfig& ask, std::size_t statement = new_requests);

// Items of services that the catalogue does not know are left out.
adapter::TargetTable answer_table(const config::AskConfig& ask, const Catalogue& catalogue);

// What the source's account must be able to read, for its plan: both tables.
std::vector<adapter::SourceTable> tables_read(const config::AskConfig& ask);

}  // namespace qianzhi::flow
