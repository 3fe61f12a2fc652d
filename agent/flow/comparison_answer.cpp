#include "agent/flow/comparison_answer.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

constexpr Micros longest_silence = 2'400'000'000;  // as for a way through a gateway for files
constexpr std::size_t most_sealed = 200'000;
constexpr std::size_t most_keys = 1'000;

}  // namespace

ComparisonAnswer::ComparisonAnswer(Setting setting, const wire::Comparison& asked, const Head& place, Micros steady)
    : setting_(std::move(setting)),
      conversation_(asked.conversation()),
      printer_(setting_.topic, setting_.granted, conversation_, setting_.suite),
      place_(place),
      heard_(steady) {
  write(wire::READY);
  write_value(place_, *letter_.mutable_place());
}

void ComparisonAnswer::write(wire::ComparisonStep step) {
  letter_ = {};
  write_value(setting_.stream, *letter_.mutable_stream());
  letter_.set_from(setting_.stream.agent);
  letter_.set_to(setting_.asker);
  letter_.set_conversation(conversation_);
  letter_.set_step(step);
  letter_.set_directory_version(setting_.directory_version);
  to_write_ = true;
}

std::optional<wire::Comparison> ComparisonAnswer::reply(Micros now) {
  if (!to_write_) return std::nullopt;
  to_write_ = false;
  letter_.set_time(now);
  return letter_;
}

bool ComparisonAnswer::belongs(const wire::Comparison& letter) const {
  return letter.from() == setting_.asker && letter.conversation() == conversation_ &&
         letter.directory_version() == setting_.directory_version;
}

void ComparisonAnswer::take(const wire::Comparison& letter, Micros steady) {
  heard_ = steady;
  const auto is = [&](wire::ComparisonStep step, State before) { return letter.step() == step && state_ == before; };
  if (is(wire::SUMS, State::ready)) {
    bits_ = letter.bits();
    theirs_ = BucketSums(bits_, letter.sums());
    ours_ = BucketSums(bits_);
    state_ = State::summing;
  } else if (is(wire::ROWS, State::summed) && letter.bits() == bits_) {
    buckets_.assign(letter.buckets().begin(), letter.buckets().end());
    const std::vector<Print> rows = prints_of(letter.rows());
    for (std::size_t i = 0; i + 1 < rows.size(); i += 2) told_[rows[i]] = {rows[i + 1], false};
    for (const Print& tag : prints_of(letter.except())) except_.insert(tag);
    report_only_ = letter.report_only();
    state_ = State::matching;
  } else {
    const wire::ComparisonStep last = letter_.step();
    to_write_ = (letter.step() == wire::ASK && last == wire::READY && state_ == State::ready) ||
                (letter.step() == wire::SUMS && last == wire::DIFFER) ||
                (letter.step() == wire::ROWS && last == wire::RESULT);
  }
}

bool ComparisonAnswer::touch(const Publication& publication, const Selection& selection) {
  if (publication.topic().id != setting_.stream.topic) return true;
  for (const Line& line : selection.lines)
    touched_.insert(printer_.tag_of(printer_.key_of(selection.mapped.items, line.row)));
  return touched_.size() <= most_sealed;
}

void ComparisonAnswer::except(const std::set<std::string>& keys) {
  for (const std::string& key : keys) except_.insert(printer_.tag_of(key));
}

void ComparisonAnswer::take(adapter::SnapshotChunk chunk) { pending_ = std::move(chunk); }

const SourcePosition* ComparisonAnswer::awaited() const {
  return pending_ && state_ == State::matching ? &pending_->position : nullptr;
}

std::optional<Line> ComparisonAnswer::match(const Selection& selection, const Line& line) {
  const std::vector<Column>& items = selection.mapped.items;
  const std::string key = printer_.key_of(items, line.row);
  const Print tag = printer_.tag_of(key);
  const std::uint32_t bucket = BucketSums::bucket_of(tag, bits_);
  if (!std::binary_search(buckets_.begin(), buckets_.end(), bucket)) return std::nullopt;
  const auto told = told_.find(tag);
  if (told != told_.end()) told->second.met = true;
  // A row that is set aside here or there is not compared.
  if (line.operation != Operation::upsert || touched_.count(tag) != 0 || except_.count(tag) != 0) return std::nullopt;
  if (told != told_.end() && told->second.print == printer_.print_of(items, line.row, line.group)) return std::nullopt;
  if (told == told_.end())
    ++missing_;
  else
    changed_.push_back(tag);
  if (named_.size() < most_keys) named_.push_back(key);
  return line;
}

std::vector<Line> ComparisonAnswer::compare(const Selection& selection, Micros steady) {
  heard_ = steady;
  std::vector<Line> again;
  for (const Line& line : selection.lines) {
    if (!setting_.granted.groups().contains(line.group)) continue;
    if (state_ == State::matching) {
      if (const auto differs = match(selection, line); differs && !report_only_) again.push_back(*differs);
    } else if (line.operation == Operation::upsert) {
      const Print tag = printer_.tag_of(printer_.key_of(selection.mapped.items, line.row));
      ours_.add(tag, printer_.print_of(selection.mapped.items, line.row, line.group));
    }
  }
  cursor_ = pending_->cursor;
  const bool done = pending_->done;
  pending_.reset();
  if (done) end_of_rows();
  return again;
}

void ComparisonAnswer::end_of_rows() {
  cursor_.clear();
  if (state_ == State::summing) {
    write(wire::DIFFER);
    for (const std::uint32_t bucket : ours_.differing(theirs_)) letter_.add_buckets(bucket);
    state_ = letter_.buckets().empty() ? State::answered : State::summed;
    return;
  }
  std::vector<Print> extra;
  for (const auto& [tag, told] : told_)
    if (!told.met && touched_.count(tag) == 0 && except_.count(tag) == 0) extra.push_back(tag);
  extra_ = extra.size();
  std::sort(changed_.begin(), changed_.end());
  write(wire::RESULT);
  letter_.set_extra(bytes_of(extra));
  letter_.set_changed(bytes_of(changed_));
  letter_.set_missing(missing_);
  state_ = State::answered;
}

bool ComparisonAnswer::is_over(Micros steady) const { return !is_walking() && steady - heard_ > longest_silence; }

}  // namespace qianzhi::flow
