// A page of the hub, proven before anything inside its batches is decoded (R7.6).
#pragma once

#include <vector>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/model/key_trail.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi::flow {

// The signatures are those that the directory asks of the batch's origin, by keys that are not revoked; else
// Error(corrupt, QZ-AGT-057).
void require_signed(const seal::Parsed& batch, const Directory& directory);

// Error(corrupt, QZ-AGT-057) if one of the batch's keys has ended in its stream.
void require_not_ended(const seal::Parsed& batch, const KeyTrail& trail);

// The page's batches in order. The last one carries a good signature of the stream's provider, and each names the
// digest of the one before it: so all of them are the provider's own. Contents are not looked at. Throws Error(corrupt,
// QZ-AGT-057) for another stream, signatures that the directory does not ask for or that do not hold, or a key that
// ended earlier in the stream; Error(corrupt, QZ-AGT-051) for a broken chain, and what seal::Parsed::from throws; `at`
// is then the batch at fault. trail: of the batches before the page; afterwards of the page as well.
std::vector<seal::Parsed> prove_page(const wire::Page& page, const StreamId& stream, const Directory& directory,
                                     KeyTrail& trail, int& at);

}  // namespace qianzhi::flow
