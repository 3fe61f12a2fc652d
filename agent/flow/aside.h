// What one target transaction makes of the rows that are set aside: pure, so that it can be told before the transaction
// (nothing refused yet) and again once the target has refused some.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/store/state.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::flow {

// By key: what stays aside; nothing: the transaction supersedes it.
using Aside = std::map<std::string, std::optional<store::QuarantineEntry>>;

// before: the entries of this stream, with rows. Later rows of a key supersede earlier ones: a refused one takes the
// entry's place, a full one that passed ends it, a partial one changes it, as it does the row (R7.9). The end of a
// refill supersedes what it did not name (R7.7). Only keys that the transaction touches are in the result; position and
// row of an entry are those of the last change.
// Throws Error(corrupt, QZ-AGT-050).
Aside aside_after(const Topic& topic, const std::string& subscription, const std::string& origin,
                  const adapter::TargetTransaction& transaction, const std::vector<adapter::Rejection>& rejections,
                  const std::vector<store::QuarantineEntry>& before, Micros now);

// Between the key values of a row.
inline constexpr char key_mark = '\x1f';

// Key items of one row of a step, as one text, unambiguous; for quarantine and objections only.
std::string key_of(const Topic& topic, const adapter::RowsStep& rows, std::size_t row);

}  // namespace qianzhi::flow
