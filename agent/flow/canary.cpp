#include "agent/flow/canary.h"

#include <algorithm>

#include "hub-protocol/base/bytes.h"

namespace qianzhi::flow {

namespace {

constexpr std::size_t most_awaited = 16;
constexpr std::size_t beat_octets = 12;
constexpr Micros beat_skew = 120'000'000;
constexpr Micros micros_a_second = 1'000'000;

std::string beat_seconds(Micros time) { return std::to_string(time / micros_a_second) + " s"; }

}  // namespace

Canary::Canary(const config::CanaryConfig& config, const Clock& clock, Random& random)
    : config_(config), clock_(clock), random_(random) {}

bool Canary::is_late() const {
  // Whoever still reads what was written before it has not come to it yet.
  return awaited_since_ && clock_.steady() - std::max(*awaited_since_, others_.value_or(0)) > config_.within;
}

// While something is wrong the department's own changes do not put the next try off: only a beat can end it.
bool Canary::is_due() const {
  if (config_.every == 0) return false;
  if (!tried_) return true;
  Micros last = std::max(*tried_, proven_.value_or(*tried_));
  if (refused_.empty() && !is_late()) last = std::max(last, others_.value_or(last));
  return clock_.steady() - last >= config_.every;
}

const std::string& Canary::next() {
  tried_ = clock_.steady();
  refused_.clear();
  awaited_.push_back({"beat-" + to_hex(random_.bytes(beat_octets)), *tried_, clock_.now()});
  if (awaited_.size() > most_awaited) awaited_.pop_front();
  if (!awaited_since_) awaited_since_ = tried_;
  return awaited_.back().text;
}

void Canary::refused(const Error& error) {
  refused_ = error.code() + " " + error.detail();
  // It may have been written all the same, so it is known if it comes; but it proves nothing if it does not.
  if (awaited_since_ == tried_) awaited_since_.reset();
}

void Canary::saw_others() { others_ = clock_.steady(); }

bool Canary::saw(const adapter::TableChanges& changes) {
  bool any = false;
  if (changes.columns.size() != 2) return any;
  for (std::size_t row = 0; row < changes.meta.size(); ++row) {
    const Column& beats = changes.columns[1];
    const auto beat = std::find_if(awaited_.begin(), awaited_.end(), [&](const Beat& awaited) {
      return beats.presence(row) == Presence::value && beats.text(row) == awaited.text;
    });
    if (beat == awaited_.end()) continue;
    any = true;
    const Micros there = changes.meta[row].source_time;
    const Micros off = there <= 0 ? 0 : there - beat->time;
    off_ = off > beat_skew || off < -beat_skew ? off : 0;
    awaited_.erase(awaited_.begin(), beat + 1);
  }
  if (!any) return false;
  proven_ = clock_.steady();
  refused_.clear();
  awaited_since_.reset();
  if (!awaited_.empty()) awaited_since_ = awaited_.front().written;
  return true;
}

std::vector<Notice> Canary::notices(const std::string& source) const {
  std::vector<Notice> notices;
  const std::string why = told_.empty() ? "" : ": " + told_;
  if (!refused_.empty()) notices.push_back({NoticeLevel::warning, "QZ-AGT-101", source, refused_ + why});
  if (is_late())
    notices.push_back({NoticeLevel::error, "QZ-AGT-100", source,
                       "written " + beat_seconds(clock_.steady() - *awaited_since_) +
                           " ago; neither log nor triggers told of it" + why});
  if (off_ != 0)
    notices.push_back(
        {NoticeLevel::warning, "QZ-AGT-104", source, "the source's clock is off by " + beat_seconds(off_)});
  return notices;
}

}  // namespace qianzhi::flow
