#include "agent/flow/courier.h"

#include "agent/flow/wishes.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

constexpr Micros skew_limit = 120'000'000;

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
  request.set_wait_ms(reached_ ? parts_.wait_ms : 0);
  reached_ = false;
  const wire::FetchReply reply = parts_.link.fetch(request);
  reached_ = true;
  say(notices_of(reply));
  parts_.directory.note_incarnation(read_value(reply.incarnation()));
  bool restored = false;
  if (take_wishes(parts_.store, agent_, parts_.directory.current().get(), reply.wishes(), restored) && parts_.on_wish)
    parts_.on_wish(restored);
  if (parts_.directory.differs(reply.directory())) {
    parts_.directory.refresh(parts_.link);
    if (parts_.on_directory) parts_.on_directory();
  }
  return reply.stopped().empty() ? Progress::moved : Progress::idle;
}

}  // namespace qianzhi::flow
