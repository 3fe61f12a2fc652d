// The octets of a parcel's head, internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "hub-protocol/seal/parcel.h"
#include "hub-protocol/seal/wire_codec.h"

namespace qianzhi::seal {

// Fields in the order of their numbers; zero and empty ones are left out. `digest` is not part of it.
Bytes encode_parcel_head(const ParcelHead& head);

// Strict, all but the rules of fault_of(). `digest` is left to the caller. Throws as fault says.
ParcelHead decode_parcel_head(std::string_view octets, const Fault& fault);

// The octets without the field of the body's digest: what the body is bound to. Throws as fault says.
Bytes without_body_digest(std::string_view octets, const Fault& fault);

// What is wrong with the head, in English; empty: nothing.
std::string fault_of(const ParcelHead& head);

}  // namespace qianzhi::seal
