// What a request table's rows ask: inquiries to make of those that can be asked, and why the others cannot. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapters/api/lookup.h"
#include "agent/config/config.h"
#include "agent/flow/requests.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::flow {

struct RefusedRequest {
  std::string row;  // its key
  std::string code;
  std::string detail;  // without values
};

struct AskDrafts {
  std::vector<InquiryDraft> drafts;  // each of at most 1,000 rows that ask the same for the same reasons
  std::vector<RefusedRequest> refused;
  std::vector<Bytes> known;  // inquiries that rows were asked as before, each once
  std::size_t nameless = 0;  // rows without a key: nothing can be told of them
};

// found: of requests_spec(). asked_as: Requests::asked_as() of this table.
AskDrafts drafts_of(const config::AskConfig& ask, const Catalogue& catalogue, const adapter::Found& found,
                    const std::function<std::optional<Bytes>(const std::string&)>& asked_as);

}  // namespace qianzhi::flow
