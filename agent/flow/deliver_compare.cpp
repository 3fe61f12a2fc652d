// Comparison of targets with their providers' sources (comparison.h): one at a time for each target.
#include <algorithm>

#include "agent/flow/deliver.h"
#include "agent/flow/schedule.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/letter.h"

namespace qianzhi::flow {

namespace {

constexpr Micros begin_again = 120'000'000;  // after one that came to nothing
constexpr Micros compare_interval = 1'000'000;
constexpr std::size_t rows_a_turn = 5'000;
constexpr std::size_t most_tags = 1'000;

}  // namespace

// Its rows are all that it may have, as of its mark, but for those set aside.
bool Deliver::may_compare(const Lane& lane) const {
  return lane.has_row && lane.code.empty() && !lane.granted.is_empty() && !lane.state.is_tracking() &&
         lacking(lane).is_empty() && lane.state.directory_version == directory_->version;
}

const ComparisonReport& Deliver::last_comparison(const StreamId& stream) {
  const auto known = comparisons_.find(stream);
  if (known != comparisons_.end()) return known->second;
  return comparisons_[stream] = decode_comparison(parts_.store.value(comparison_name(stream)).value_or(""));
}

bool Deliver::is_comparison_due(const Lane& lane) {
  const auto& schedule = subscriptions_[lane.table].compare;
  const StreamId stream{lane.origin, lane.topic};
  if (compare_wanted_.count(stream) != 0) return true;
  if (!schedule || parts_.clock.steady() < compare_at_) return false;
  const ComparisonReport& last = last_comparison(stream);
  const Micros now = parts_.clock.now();
  // One that began later than now was begun before the clock was set back.
  if (last.finished < last.started || last.started > now || last.more) return true;
  return last.started < released_before(*schedule, now);
}

// What an operator wants is of all providers of the topic.
void Deliver::take_wanted() {
  std::set<std::string> topics;
  for (const Lane& lane : lanes_) {
    if (!parts_.store.value(comparison_wanted_name(lane.topic))) continue;
    topics.insert(lane.topic);
    compare_wanted_.insert({lane.origin, lane.topic});
  }
  for (const std::string& topic : topics)
    parts_.store.update([&](store::StoreTransaction& update) { update.erase_value(comparison_wanted_name(topic)); });
}

void Deliver::begin_comparison() {
  if (parts_.clock.steady() < compare_look_at_) return;
  compare_look_at_ = parts_.clock.steady() + compare_interval;
  take_wanted();
  for (const Lane& lane : lanes_) {
    const StreamId stream{lane.origin, lane.topic};
    if (!may_compare(lane) || !is_comparison_due(lane)) continue;
    Comparison::Setting setting{stream,
                                agent_,
                                *lane.definition,
                                lane.granted,
                                directory_->version,
                                parts_.key.record().suite,
                                subscriptions_[lane.table].compare_report_only};
    comparison_ = std::make_unique<Comparison>(std::move(setting), parts_.random->bytes(16), parts_.clock.now(),
                                               parts_.clock.steady());
    compare_wanted_.erase(stream);
    return;
  }
}

void Deliver::compare_some() {
  if (parts_.mailbox == nullptr) return;
  if (!comparison_) begin_comparison();
  if (!comparison_) return;
  const StreamId stream = comparison_->stream();
  const auto lane = std::find_if(lanes_.begin(), lanes_.end(),
                                 [&](const Lane& l) { return l.topic == stream.topic && l.origin == stream.agent; });
  if (lane == lanes_.end() || !may_compare(*lane) || !(lane->granted == comparison_->setting().granted) ||
      comparison_->setting().directory_version != directory_->version)
    comparison_->fail("QZ-AGT-088");
  for (const wire::Comparison& letter : parts_.mailbox->take(stream)) comparison_->take(letter, parts_.clock.steady());
  if (!comparison_->is_over() && comparison_->wants_rows(lane->row.head)) {
    comparison_->except(lane->aside);
    comparison_->add(target_->read_rows(lane->table, comparison_->cursor(), {rows_a_turn, 1U << 20U}));
  }
  if (const auto content = comparison_->letter(parts_.clock.now(), parts_.clock.steady())) {
    wire::Letter letter;
    seal::sign_letter(*content, parts_.key, letter);
    parts_.mailbox->send(stream, content->to(), std::move(letter));
  }
  if (comparison_->is_over()) end_comparison(lane == lanes_.end() ? nullptr : &*lane);
}

// Rows that the provider does not have are removed as the end of a refill removes them (R7.7): they are its rows, and
// no batch since they were told of has named them.
void Deliver::end_comparison(Lane* lane) {
  const std::unique_ptr<Comparison> over = std::move(comparison_);
  ComparisonReport& report = over->report();
  if (report.code.empty()) {
    if (auto extra = lane == nullptr ? std::nullopt : over->extra_rows(lane->state.seen(), lane->row.head.position)) {
      adapter::Step step;
      step.rows = std::move(*extra);
      write(*lane, lane->row.head, lane->state, {std::move(step)});
    }
    report.finished = parts_.clock.now();
    name_keys(*over);
  } else {
    compare_at_ = parts_.clock.steady() + begin_again;
  }
  parts_.store.update(
      [&](store::StoreTransaction& update) { update.put_value(comparison_name(over->stream()), encode(report)); });
  comparisons_[over->stream()] = report;
  log(LogLevel::notice, name(),
      "compared " + over->stream().topic + " with " + over->stream().agent + ": " + summary_of(report));
  const std::lock_guard lock(status_mutex_);
  named_[over->stream()] = over->named();
}

// Keys that the comparison before named as well differ again: something at the target changes what was delivered.
void Deliver::name_keys(Comparison& over) {
  ComparisonReport& report = over.report();
  const ComparisonReport& before = last_comparison(over.stream());
  const std::set<Bytes> known(before.named.begin(), before.named.end());
  store::Tagger tagger = parts_.store.tagger();
  for (const auto* keys : {&over.named().changed, &over.named().extra}) {
    for (const std::string& key : *keys) {
      const Bytes tag = tagger.tag(key);
      if (known.count(tag) != 0) ++report.repeated;
      if (report.named.size() < most_tags) report.named.push_back(tag);
    }
  }
}

// What is written meanwhile was not told of as it is now; and where rows are removed by whole groups, nothing was.
void Deliver::note_compared(const Lane& lane, const adapter::TargetTransaction& transaction) {
  if (!comparison_ || comparison_->stream() != StreamId{lane.origin, lane.topic}) return;
  if (transaction.next.head.position < transaction.expected.position) comparison_->fail("QZ-AGT-088");
  for (const adapter::Step& step : transaction.steps)
    if (step.kind == adapter::Step::Kind::rows)
      comparison_->touch(step.rows);
    else
      comparison_->fail("QZ-AGT-088");
}

std::map<StreamId, Comparison::Named> Deliver::named_keys() const {
  const std::lock_guard lock(status_mutex_);
  return named_;
}

void Deliver::report_comparison(const Lane& lane, std::vector<Notice>& notices) {
  const StreamId stream{lane.origin, lane.topic};
  const std::string subject = lane.topic + " <- " + lane.origin;
  if (comparison_ && comparison_->stream() == stream)
    notices.push_back({NoticeLevel::info, "QZ-AGT-085", subject, comparison_->step_text()});
  const ComparisonReport& last = last_comparison(stream);
  const std::string text = to_text(last.started) + ": " + summary_of(last);
  if (!last.code.empty())
    notices.push_back({NoticeLevel::info, "QZ-AGT-087", subject, text});
  else if (last.found_any())
    notices.push_back({NoticeLevel::warning, "QZ-AGT-086", subject, text});
}

}  // namespace qianzhi::flow
