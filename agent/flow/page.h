// A page of the hub, proven before anything inside its batches is decoded (R7.6).
#pragma once

#include <vector>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/model/key_trail.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi::flow {

// True: the signatures are those that the directory asks of the batch's origin, by keys that are not revoked. False:
// all that speaks against them is that a key was revoked since, so that a later batch may vouch for this one. Else
// Error(corrupt, QZ-AGT-057).
bool is_signed(const seal::Parsed& batch, const Directory& directory);

// is_signed(), or Error(corrupt, QZ-AGT-057).
void require_signed(const seal::Parsed& batch, const Directory& directory);

// Error(corrupt, QZ-AGT-057) if one of the batch's keys has ended in its stream.
void require_not_ended(const seal::Parsed& batch, const KeyTrail& trail);

// The page's batches in order, each naming the digest of the one before it: if the last one is the provider's own, all
// of them are. Contents and signatures are not looked at. Throws Error(corrupt, QZ-AGT-057) for another stream or a key
// that ended earlier in the stream; Error(corrupt, QZ-AGT-051) for a broken chain, and what seal::Parsed::from throws;
// `at` is then the batch at fault. trail: of the batches before the page; afterwards of the page as well.
std::vector<seal::Parsed> chain_of(const wire::Page& page, const StreamId& stream, KeyTrail& trail, int& at);

}  // namespace qianzhi::flow
