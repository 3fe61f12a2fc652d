// What a target's mark row says beside its head (protocol-rules section 1), and settling (R7.4).
#pragma once

#include <vector>

#include "adapters/api/adapter.h"
#include "hub-protocol/base/bytes.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/model/key_trail.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::flow {

struct MarkState {
  std::uint64_t directory_version = 0;  // the target was settled under
  Bytes receipt;                        // newest hub receipt, serialised
  Bytes newest;                         // newest signed header, serialised bare SealedBatch
  GroupSet complete;
  Digest tracked_begin;  // zero: no refill is tracked
  GroupSet tracked;
  Entitlement scope;  // under which the rows were received
  std::uint64_t upserted = 0;
  std::uint64_t removed = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t dropped_partial = 0;
  Micros applied = 0;
  Micros begun = 0;     // when the subscription began at this target; 0: before that was kept
  Micros alive = 0;     // when the newest batch was sealed, by the provider's clock: its source was alive then
  Micros changed = 0;   // when the last batch with rows for us was applied
  KeyTrail keys;        // up to the mark; empty again after a restart
  Entitlement former;   // what was granted before it became less; nothing: it never did, or all is granted again
  Micros narrowed = 0;  // when it last became less, by this machine's clock

  bool is_tracking() const { return !tracked_begin.is_zero(); }
  // The tag of the tracked refill for qz_seen; empty if none.
  std::string seen() const { return is_tracking() ? tracked_begin.hex() : std::string(); }
};

Bytes encode(const MarkState& state);
// Throws Error(corrupt, QZ-AGT-050).
MarkState decode_mark(std::string_view octets);

// R7.4: steps that remove what is no longer granted, and the state afterwards. No steps if nothing changed but the
// version. now: when, by this machine's clock. Items that were narrowed are cleared; groups whose items changed
// unevenly are removed and asked for again.
std::vector<adapter::Step> settle(MarkState& state, const Entitlement& granted, std::uint64_t directory_version,
                                  const Topic& topic, Micros now);

// What `former` covers and `granted` does not, for people; empty: nothing. A grant that came in place of a wider one
// is told of by this.
std::string no_longer_covered(const Entitlement& former, const Entitlement& granted);

}  // namespace qianzhi::flow
