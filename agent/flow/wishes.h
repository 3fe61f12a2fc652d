// Requests for refill that subscribers sent through the hub (R4.6, R4.7).
#pragma once

#include <string>

#include "agent/store/store.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi::flow {

// Adds what the wishes ask for to the streams' wanted groups, unless a begin after the asker's mark names it already.
// A wish that shows a header of ours, by any key that the directory has for us and that is not revoked, which our store
// does not know makes the next heads exchange open a new epoch. Returns true if anything changed: ring capture, and the
// uplink if `restored` is set.
bool take_wishes(store::Store& store, const std::string& agent, const Directory* directory,
                 const google::protobuf::RepeatedPtrField<wire::Wish>& wishes, bool& restored);

}  // namespace qianzhi::flow
