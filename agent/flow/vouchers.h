// Batches by a key that was revoked count only if a later batch of their chain, by keys that are not, vouches for them
// (PROTOCOL.md section 9). Where that batch lies beyond the page the way to it is walked by headers alone.
#pragma once

#include <set>

#include "agent/flow/page.h"

namespace qianzhi::flow {

class Vouchers {
 public:
  // Walks on from this mark. trail: of the batches up to it.
  void begin(const Head& mark, const KeyTrail& trail);
  void stop() { walking_ = false; }
  bool is_walking() const { return walking_; }
  const Head& at() const { return at_; }  // the headers after it are wanted next

  // The page's batches follow at(). Ends the walk at the first one that vouches for those before it. Throws what
  // chain_of() throws; Error(corrupt, QZ-AGT-057) if there is none and the stream ends here.
  void take(const wire::Page& page, const StreamId& stream, const Directory& directory);

  // A batch with this digest is vouched for. Of a longer way only its beginning is remembered: the rest is walked when
  // a page ends there.
  bool hold(const Digest& digest) const { return vouched_.count(digest) != 0; }

 private:
  bool walking_ = false;
  Head at_;
  KeyTrail trail_;
  std::set<Digest> passed_;
  std::set<Digest> vouched_;
};

}  // namespace qianzhi::flow
