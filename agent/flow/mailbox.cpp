#include "agent/flow/mailbox.h"

namespace qianzhi::flow {

namespace {

constexpr std::size_t most_kept = 256;
constexpr Micros busy_time = 120'000'000;

}  // namespace

void Mailbox::send(const StreamId& stream, const std::string& to, wire::Letter letter) {
  const std::lock_guard lock(mutex_);
  outgoing_[{stream.agent, stream.topic, to}] = std::move(letter);
  busy_until_ = clock_.steady() + busy_time;
}

std::vector<wire::Letter> Mailbox::take_outgoing() {
  const std::lock_guard lock(mutex_);
  std::vector<wire::Letter> letters;
  for (auto& entry : outgoing_) letters.push_back(std::move(entry.second));
  outgoing_.clear();
  return letters;
}

void Mailbox::put(wire::Comparison letter) {
  const std::lock_guard lock(mutex_);
  const Key key{letter.stream().agent(), letter.stream().topic(), letter.from()};
  if (incoming_.size() >= most_kept && incoming_.count(key) == 0) return;
  incoming_[key] = std::move(letter);
  busy_until_ = clock_.steady() + busy_time;
}

std::vector<wire::Comparison> Mailbox::take(const StreamId& stream) {
  const std::lock_guard lock(mutex_);
  std::vector<wire::Comparison> letters;
  auto entry = incoming_.lower_bound({stream.agent, stream.topic, {}});
  while (entry != incoming_.end() && std::get<0>(entry->first) == stream.agent &&
         std::get<1>(entry->first) == stream.topic) {
    letters.push_back(std::move(entry->second));
    entry = incoming_.erase(entry);
  }
  return letters;
}

bool Mailbox::is_busy() const {
  const std::lock_guard lock(mutex_);
  return !outgoing_.empty() || clock_.steady() < busy_until_;
}

}  // namespace qianzhi::flow
