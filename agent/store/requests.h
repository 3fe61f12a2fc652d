// Requests as the agent's store keeps them: what was asked by us and of us, sealed as it travels. A request is one
// parcel to one provider; those that were asked together are one inquiry.
#pragma once

#include <cstdint>
#include <string>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/stream.h"

namespace qianzhi::store {

// Frozen: on disk.
enum class RequestState : std::uint8_t {
  to_send = 0,   // ours: the hub does not have it yet
  sent = 1,      // ours: the hub has it
  answered = 2,  // ours
  refused = 3,   // ours: by the hub or the provider; `code` says why
  expired = 4,   // ours: no answer came before the deadline

  to_answer = 8,       // of us
  answer_to_send = 9,  // of us: answered or refused, and the hub does not have it yet
  answer_sent = 10,    // of us: kept until the deadline, so that a repeat is known
  missed = 11,         // of us: its deadline came before the hub had our answer
};

inline bool is_over(RequestState state) {
  return state == RequestState::answered || state == RequestState::refused || state == RequestState::expired;
}

// What was asked of us is shown for so long after its deadline, without its content.
inline constexpr Micros shown_after_deadline = Micros{3'600'000'000};

struct KeptRequest {
  Bytes id;             // 16 octets of the asker
  bool is_ours = true;  // asked by us
  std::string peer;     // provider, or asker
  std::string service;
  RequestState state = RequestState::to_send;
  Bytes inquiry = {};  // ours: which it belongs to, 16 octets
  std::uint32_t questions = 0;
  Micros made = 0;
  Micros deadline = 0;
  Digest digest = {};     // of the head of the ask
  Bytes ask = {};         // serialised wire::Parcel
  Bytes answer = {};      // likewise, or empty
  std::string code = {};  // of a refusal
  Micros settled = 0;     // when it was answered, refused or expired
};

struct KeptInquiry {
  Bytes id;
  Micros made = 0;
  Micros deadline = 0;
  Bytes content = {};  // serialised record, opened
};

}  // namespace qianzhi::store
