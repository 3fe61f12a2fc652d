#include "agent/flow/table_progress.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace qianzhi::flow {

namespace {

constexpr Micros in_a_second = 1'000'000;
constexpr Micros minute = 60 * in_a_second;
constexpr Micros measured = 5 * minute;
constexpr Micros longest = 31LL * 24 * 60 * minute;
constexpr Micros farthest_end = 2LL * 24 * 60 * minute;
constexpr std::size_t most_samples = 512;

std::string grouped_text(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string span_text(Micros span) {
  if (span < 2 * minute) return std::to_string(span / in_a_second) + " 秒 s";
  if (span < 120 * minute) return std::to_string(span / minute) + " 分 min";
  return std::to_string(span / (60 * minute)) + " 小时 h";
}

std::string clock_text(Micros time) {
  const auto instant = static_cast<time_t>(time / in_a_second);
  tm local{};
  localtime_r(&instant, &local);
  std::array<char, 32> text{};
  strftime(text.data(), text.size(), "%m-%d %H:%M", &local);
  return text.data();
}

}  // namespace

void Pace::add(std::uint64_t rows, bool held, Micros steady) {
  samples_.push_back({steady, rows, held});
  while (samples_.size() > most_samples || samples_.front().steady < steady - measured) samples_.pop_front();
}

// From the end of the first chunk to that of the last, waits between them included; what stands still gets slower.
double Pace::rate(bool held, Micros steady) const {
  std::uint64_t rows = 0;
  Micros first = 0;
  Micros last = 0;
  std::size_t count = 0;
  for (const Sample& sample : samples_) {
    if (sample.held != held || sample.steady < steady - measured) continue;
    if (count++ == 0)
      first = sample.steady;
    else
      rows += sample.rows;
    last = sample.steady;
  }
  if (count < 2) return -1;
  const Micros usual = (last - first) / static_cast<Micros>(count - 1);
  const bool stands = steady - last > std::max<Micros>(2 * usual, 10 * in_a_second);
  const Micros span = (stands ? steady : last) - first;
  return span <= 0 ? -1 : static_cast<double>(rows) * in_a_second / static_cast<double>(span);
}

int TableProgress::percent() const {
  if (kind == Kind::ending) return 100;
  if (estimated <= 0 || is_beyond()) return -1;
  return static_cast<int>(std::min<std::uint64_t>(99, rows * 100 / static_cast<std::uint64_t>(estimated)));
}

Micros time_left(std::uint64_t rows, double free_rate, const Throttle& throttle, std::uint64_t limit, Micros now) {
  if (limit == 0) {
    if (free_rate <= 0) return -1;
    const double left = static_cast<double>(rows) / free_rate * in_a_second;
    return left > static_cast<double>(longest) ? -1 : static_cast<Micros>(left);
  }
  const auto most = static_cast<double>(limit);
  const double outside = free_rate > 0 ? free_rate : most;
  auto remaining = static_cast<double>(rows);
  for (Micros passed = 0; passed < longest; passed += 5 * minute) {
    const double rate = throttle.holds(now + passed) ? std::min(most, outside) : outside;
    const double in_step = rate * (static_cast<double>(5 * minute) / in_a_second);
    if (in_step >= remaining) return passed + static_cast<Micros>(remaining / rate * in_a_second);
    remaining -= in_step;
  }
  return -1;
}

Micros throttle_end(const Throttle& throttle, Micros now) {
  if (!throttle.holds(now)) return 0;
  for (Micros at = now - now % minute + minute; at < now + farthest_end; at += minute)
    if (!throttle.holds(at)) return at;
  return 0;
}

std::string describe(const TableProgress& progress) {
  std::string text = grouped_text(progress.rows);
  const int percent = progress.percent();
  if (progress.estimated < 0)
    text += " 行，总数未知 rows, total unknown";
  else if (progress.is_beyond())
    text += " 行，已超过估计的 rows, more than the estimated " +
            grouped_text(static_cast<std::uint64_t>(progress.estimated));
  else
    text += " / 约 about " + grouped_text(static_cast<std::uint64_t>(progress.estimated)) + " 行 rows";
  if (percent >= 0) text += " (" + std::to_string(percent) + " %)";
  if (progress.kind == TableProgress::Kind::ending) return text + "，等待变更追上 waiting for changes to catch up";
  if (!progress.stopped.empty()) return text + "，已停止 stopped: " + progress.stopped;
  if (progress.rate >= 0) text += "，" + grouped_text(static_cast<std::uint64_t>(progress.rate)) + " 行/秒 rows/s";
  text += progress.left < 0 ? "，剩余时间未知 time left unknown" : "，约剩 about " + span_text(progress.left) + " left";
  if (progress.limited_until != 0)
    text += "，限速 limited to " + grouped_text(progress.limit) + " 行/秒 rows/s，至 until " +
            clock_text(progress.limited_until);
  return text;
}

}  // namespace qianzhi::flow
