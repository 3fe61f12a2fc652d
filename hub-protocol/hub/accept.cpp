#include "hub-protocol/hub/accept.h"

namespace qianzhi::hub {

namespace {

constexpr Micros micros_per_day = 86'400'000'000;

bool epoch_is_free(const StreamRecord& stream, Micros now, int free_epochs_per_day) {
  return now / micros_per_day > stream.epoch_day || stream.epochs < free_epochs_per_day;
}

}  // namespace

Ruling rule_on(const StreamRecord& stream, const seal::Header& header, const Digest& digest,
               const std::optional<Digest>& held, Micros now, int free_epochs_per_day) {
  if (held.has_value()) return *held == digest ? Ruling::repeat : Ruling::equivocation;
  const Position head = stream.head.position;
  const Position position = header.position;
  const bool follows = header.previous == stream.head.digest;
  if (!stream.head.is_none() && position.epoch == head.epoch)
    return follows && position.sequence == head.sequence + 1 ? Ruling::next : Ruling::refuse;
  const bool opens = position.sequence == 1 && header.kind == BatchKind::begin && header.scope.is_every();
  if (!follows || !opens || position.epoch <= head.epoch) return Ruling::refuse;
  if (stream.head.is_none()) return Ruling::new_epoch;
  if (stream.epoch_approved || epoch_is_free(stream, now, free_epochs_per_day)) return Ruling::new_epoch;
  return Ruling::epoch_waits;
}

void count_epoch(StreamRecord& stream, Micros now, int free_epochs_per_day) {
  if (!epoch_is_free(stream, now, free_epochs_per_day)) stream.epoch_approved = false;
  const std::int64_t day = now / micros_per_day;
  if (day > stream.epoch_day) {
    stream.epoch_day = day;
    stream.epochs = 0;
  }
  ++stream.epochs;
}

}  // namespace qianzhi::hub
