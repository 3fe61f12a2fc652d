#include "agent/desk/outlets/sender.h"

#include <algorithm>
#include <utility>

#include "agent/desk/outlets/pace.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::desk {

NoticeSender::NoticeSender(NoticeBox& box, std::vector<OutletConfig> outlets, const Clock& clock, Random& random,
                           std::function<void(std::string_view)> passing, const MakeOutlet& make)
    : box_(box), clock_(clock), random_(random), passing_(std::move(passing)) {
  for (OutletConfig& config : outlets) {
    std::unique_ptr<Outlet> outlet = make(config, clock);
    channels_.push_back({std::move(config), std::move(outlet)});
  }
}

// What a process that died was sending.
void NoticeSender::take_up() {
  if (taken_up_) return;
  for (const Channel& channel : channels_) {
    const bool again = channel.outlet->is_repeatable() || channel.config.repeat_uncertain;
    box_.release(channel.config.id, again ? NoticeState::waiting : NoticeState::uncertain,
                 "QZ-DSK-103 the desk ended while it was sent", clock_.now());
  }
  // Of outlets that are not configured any more.
  for (const std::string& outlet : box_.outlets_with(NoticeState::sending))
    box_.release(outlet, NoticeState::uncertain, "QZ-DSK-103 the desk ended while it was sent", clock_.now());
  taken_up_ = true;
}

std::size_t NoticeSender::allowance(const Channel& channel, std::size_t most, Micros now) {
  if (is_quiet(channel.config.quiet, now)) return 0;
  if (channel.config.most == 0) return most;
  const std::int64_t done = box_.tries_since(channel.config.id, now - channel.config.per);
  return std::min(most, static_cast<std::size_t>(std::max<std::int64_t>(channel.config.most - done, 0)));
}

SendCounts NoticeSender::run_once(std::size_t most) {
  take_up();
  SendCounts counts;
  for (Channel& channel : channels_) {
    const Micros now = clock_.now();
    const std::size_t allowed = allowance(channel, most, now);
    for (Notice& notice : box_.due(channel.config.id, now, allowed)) {
      const Delivery::Verdict verdict = send(channel, std::move(notice));
      if (verdict == Delivery::Verdict::sent) ++counts.sent;
      if (verdict == Delivery::Verdict::refused) ++counts.failed;
      if (verdict == Delivery::Verdict::uncertain) ++counts.uncertain;
      if (verdict == Delivery::Verdict::later) {
        ++counts.later;
        break;
      }
    }
  }
  return counts;
}

Delivery::Verdict NoticeSender::send(Channel& channel, Notice notice) {
  if (notice.tries == 0) notice.place = channel.outlet->place();
  box_.start(notice, notice.place, clock_.now());
  ++notice.tries;
  if (passing_) passing_("notice.marked");
  const Delivery delivery = channel.outlet->send(notice);
  if (passing_) passing_("notice.sent");
  settle(channel, notice, delivery);
  return delivery.verdict;
}

void NoticeSender::settle(const Channel& channel, const Notice& notice, const Delivery& delivery) {
  const Micros now = clock_.now();
  const std::string where = "outlet " + channel.config.id;
  const std::string number = "notice " + std::to_string(notice.id) + ": ";
  const bool again = delivery.verdict == Delivery::Verdict::later ||
                     (delivery.verdict == Delivery::Verdict::uncertain && channel.config.repeat_uncertain);
  if (delivery.verdict == Delivery::Verdict::sent) {
    box_.settle(notice, NoticeState::sent, delivery.result, now, now);
  } else if (again && now - notice.made < channel.config.give_up) {
    const Micros delay = std::max(delay_after(notice.tries, channel.config, random_), delivery.not_before);
    box_.settle(notice, NoticeState::waiting, delivery.result, now + delay, now);
    log(LogLevel::info, where, number + delivery.result);
  } else if (again) {
    box_.settle(notice, NoticeState::failed, "QZ-DSK-104 " + delivery.result, now, now);
    log(LogLevel::error, where, number + "QZ-DSK-104 " + delivery.result);
  } else {
    const bool known = delivery.verdict == Delivery::Verdict::refused;
    box_.settle(notice, known ? NoticeState::failed : NoticeState::uncertain, delivery.result, now, now);
    log(LogLevel::error, where, number + delivery.result);
  }
}

std::optional<Micros> NoticeSender::next(Micros now) {
  std::optional<Micros> soonest;
  for (const Channel& channel : channels_) {
    std::optional<Micros> due = box_.next_due(channel.config.id);
    if (!due) continue;
    if (channel.config.most > 0 && box_.tries_since(channel.config.id, now - channel.config.per) >= channel.config.most)
      due = std::max(*due, box_.nth_last_try(channel.config.id, channel.config.most) + channel.config.per);
    due = std::max(*due, end_of_quiet(channel.config.quiet, now));
    if (!soonest || *due < *soonest) soonest = due;
  }
  return soonest;
}

}  // namespace qianzhi::desk
