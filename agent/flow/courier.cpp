#include "agent/flow/courier.h"

#include <algorithm>
#include <utility>

#include "agent/flow/wishes.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/letter.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

constexpr Micros skew_limit = 120'000'000;
constexpr std::uint32_t wait_ms_with_letters = 1'000;

}  // namespace

std::vector<Notice> Courier::notices_of(const wire::FetchReply& reply) const {
  std::vector<Notice> notices;
  if (!reply.stopped().empty()) notices.push_back({NoticeLevel::error, "QZ-AGT-040", "hub", reply.stopped()});
  if (parts_.clock == nullptr || reply.time() == 0) return notices;
  const Micros here = parts_.clock->now();
  // Any number may have come; neither difference overflows.
  const bool differs = reply.time() > here ? here < reply.time() - skew_limit : reply.time() < here - skew_limit;
  if (differs)
    notices.push_back(
        {NoticeLevel::warning, "QZ-AGT-025", "clock", "here " + to_text(here) + ", hub " + to_text(reply.time())});
  return notices;
}

// What does not verify is the fault of whoever wrote or carried it, and must not stop what else came.
void Courier::take_letters(const wire::FetchReply& reply) const {
  const auto directory = parts_.directory.current();
  for (const wire::Letter& letter : reply.letters()) {
    wire::Comparison content;
    try {
      seal::open_letter(letter, *directory, content);
    } catch (const Error& error) {
      log("letter", error);
      continue;
    }
    if (content.to() == agent_) parts_.mailbox->put(std::move(content));
  }
}

Progress Courier::run_once() {
  if (!parts_.directory.current()) {
    say({{NoticeLevel::warning, "QZ-AGT-021", "hub", "no directory yet"}});
    parts_.directory.refresh(parts_.link);
    say({});  // the fetch below may wait long
    if (parts_.on_directory) parts_.on_directory();
  }
  wire::FetchRequest request;
  *request.mutable_directory() = parts_.directory.reference();
  request.set_signed_root(parts_.directory.signed_root());
  for (const Incarnation& seen : parts_.directory.incarnations()) write_value(seen, *request.add_seen());
  // The first poll after a failure does not wait, so that the failure is not told of any longer than it lasts.
  const bool writes = parts_.mailbox != nullptr && parts_.mailbox->is_busy();
  request.set_wait_ms(!reached_ ? 0 : writes ? std::min(parts_.wait_ms, wait_ms_with_letters) : parts_.wait_ms);
  if (parts_.mailbox != nullptr) {
    request.set_takes_letters(true);
    for (wire::Letter& letter : parts_.mailbox->take_outgoing()) *request.add_letters() = std::move(letter);
  }
  if (parts_.matters != nullptr) {
    request.set_takes_matters(true);
    request.set_matters(parts_.matters->revision());
  }
  request.set_takes_parcels(parts_.requests != nullptr && parts_.requests->can_open());
  const bool was_reached = std::exchange(reached_, false);
  const wire::FetchReply reply = parts_.link.fetch(request);
  reached_ = true;
  say(notices_of(reply));
  const Incarnation incarnation = read_value(reply.incarnation());
  parts_.directory.note_incarnation(incarnation);
  const bool returned = incarnation_ && (!was_reached || *incarnation_ != incarnation);
  incarnation_ = incarnation;
  if (returned && parts_.on_return) parts_.on_return();
  if (parts_.mailbox != nullptr) take_letters(reply);
  bool restored = false;
  if (take_wishes(parts_.store, agent_, parts_.directory.current().get(), reply.wishes(), restored) && parts_.on_wish)
    parts_.on_wish(restored);
  if (parts_.directory.differs(reply.directory())) {
    parts_.directory.refresh(parts_.link);
    if (parts_.on_directory) parts_.on_directory();
  }
  if (parts_.matters != nullptr && reply.stopped().empty() && parts_.matters->is_due(reply.matters()))
    parts_.matters->sync(parts_.link);
  if (parts_.requests != nullptr && reply.parcels() && reply.stopped().empty()) parts_.requests->receive(parts_.link);
  return reply.stopped().empty() ? Progress::moved : Progress::idle;
}

}  // namespace qianzhi::flow
