#include "agent/flow/comparison.h"

#include <algorithm>

#include "agent/flow/record.pb.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

constexpr Micros write_again = 30'000'000;
constexpr Micros patience = 5'400'000'000;   // a way through a gateway for files takes many minutes
constexpr std::size_t most_listed = 32'000;  // in one letter
constexpr std::size_t most_written = 200'000;
constexpr std::size_t most_named = 1'000;

// Ascending.
bool is_among(const std::vector<std::uint32_t>& buckets, std::uint32_t bucket) {
  return std::binary_search(buckets.begin(), buckets.end(), bucket);
}

std::string shown(std::string key) {
  std::replace(key.begin(), key.end(), '\x1f', ',');
  return key;
}

}  // namespace

Bytes encode(const ComparisonReport& report) {
  record::ComparisonReport message;
  message.set_started(report.started);
  message.set_finished(report.finished);
  message.set_rows(report.rows);
  message.set_missing(report.missing);
  message.set_changed(report.changed);
  message.set_extra(report.extra);
  message.set_repeated_rows(report.repeated);
  message.set_more(report.more);
  message.set_report_only(report.report_only);
  message.set_code(report.code);
  for (const Bytes& tag : report.named) message.add_named(tag);
  return message.SerializeAsString();
}

ComparisonReport decode_comparison(std::string_view octets) {
  record::ComparisonReport message;
  if (!message.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return {};
  ComparisonReport report{message.started(),
                          message.finished(),
                          message.rows(),
                          message.missing(),
                          message.changed(),
                          message.extra(),
                          message.repeated_rows(),
                          message.more(),
                          message.report_only(),
                          message.code(),
                          {}};
  report.named.assign(message.named().begin(), message.named().end());
  return report;
}

std::string summary_of(const ComparisonReport& report) {
  if (!report.code.empty()) return report.code;
  std::string text = std::to_string(report.missing) + " missing, " + std::to_string(report.changed) + " changed, " +
                     std::to_string(report.extra) + " extra of " + std::to_string(report.rows);
  if (report.repeated != 0) text += ", " + std::to_string(report.repeated) + " of them once more";
  if (report.more) text += ", and others to come";
  if (report.report_only) text += "; nothing was changed";
  return text;
}

std::string comparison_name(const StreamId& stream) { return "compared/" + stream.topic + "/" + stream.agent; }
std::string comparison_wanted_name(std::string_view topic) { return "compare-wanted/" + std::string(topic); }

Comparison::Comparison(Setting setting, Bytes conversation, Micros now, Micros steady)
    : setting_(std::move(setting)),
      conversation_(std::move(conversation)),
      printer_(setting_.topic, setting_.granted, conversation_, setting_.suite),
      steady_(steady),
      heard_(steady) {
  report_.started = now;
  report_.finished = now - 1;
  report_.report_only = setting_.report_only;
  write(wire::ASK, steady);
}

void Comparison::write(wire::ComparisonStep step, Micros steady) {
  letter_ = {};
  write_value(setting_.stream, *letter_.mutable_stream());
  letter_.set_from(setting_.agent);
  letter_.set_to(setting_.stream.agent);
  letter_.set_conversation(conversation_);
  letter_.set_step(step);
  letter_.set_directory_version(setting_.directory_version);
  written_ = -1;
  heard_ = steady;
}

std::optional<wire::Comparison> Comparison::letter(Micros now, Micros steady) {
  steady_ = steady;
  const bool waits = state_ == State::asking || state_ == State::summed || state_ == State::listed;
  if (waits && steady - heard_ > patience) fail("QZ-AGT-088");
  if (!waits || is_over() || (written_ >= 0 && steady - written_ < write_again)) return std::nullopt;
  written_ = steady;
  letter_.set_time(now);
  return letter_;
}

void Comparison::fail(std::string code) {
  report_.code = std::move(code);
  state_ = State::over;
}

void Comparison::take(const wire::Comparison& letter, Micros steady) {
  if (is_over() || letter.conversation() != conversation_ || letter.from() != setting_.stream.agent ||
      letter.directory_version() != setting_.directory_version)
    return;
  steady_ = steady;
  heard_ = steady;
  if (letter.step() == wire::READY && state_ == State::asking) {
    place_ = read_value(letter.place());
    state_ = State::catching_up;
  } else if (letter.step() == wire::DIFFER && state_ == State::summed) {
    take_buckets(letter);
  } else if (letter.step() == wire::RESULT && state_ == State::listed) {
    take_result(letter);
  } else if (letter.step() == wire::BUSY && state_ != State::asking) {
    fail(letter.code());  // it knows of this conversation no more
  } else if (letter.step() == wire::BUSY) {
    report_.code = letter.code();
  }
}

bool Comparison::wants_rows(const Head& mark) {
  if (state_ == State::catching_up) {
    if (mark.position < place_.position) return false;
    if (mark.position.epoch != place_.position.epoch) {
      fail("QZ-AGT-088");
      return false;
    }
    report_.code.clear();
    mark_ = mark;
    state_ = State::summing;
  }
  if (state_ == State::listing && cursor_.empty() && listed_.empty()) mark_ = mark;
  return is_reading();
}

void Comparison::add(const adapter::SnapshotChunk& chunk) {
  const std::size_t rows = chunk.columns.empty() ? 0 : chunk.columns.front().size();
  for (std::size_t row = 0; row < rows; ++row) add_row(chunk.columns, row);
  cursor_ = chunk.cursor;
  if (chunk.done) end_of_rows();
}

void Comparison::add_row(const std::vector<Column>& columns, std::size_t row) {
  const std::size_t items = setting_.topic.items.size();
  const Group group(columns[items + 1].text(row));
  if (columns[items].text(row) != setting_.stream.agent || !setting_.granted.groups().contains(group)) return;
  const Print tag = printer_.tag_of(printer_.key_of(columns, row));
  if (state_ == State::summing) {
    ++report_.rows;
    sums_.add(tag, printer_.print_of(columns, row, group));
  } else if (is_among(buckets_, BucketSums::bucket_of(tag, bits_))) {
    list_row(tag, columns, row, group);
  }
}

void Comparison::list_row(const Print& tag, const std::vector<Column>& columns, std::size_t row, const Group& group) {
  Listed& listed = listed_[tag];
  listed = {printer_.print_of(columns, row, group), printer_.key_of(columns, row), {}, group};
  for (const std::string& item : setting_.topic.key)
    listed.cells.emplace_back(columns[setting_.topic.index_of(item)].text(row));
  // Too many for one letter: the last buckets wait for the next comparison.
  while (listed_.size() > most_listed && buckets_.size() > 1) {
    report_.more = true;
    const std::uint32_t dropped = buckets_.back();
    buckets_.pop_back();
    while (!listed_.empty() && BucketSums::bucket_of(listed_.rbegin()->first, bits_) >= dropped)
      listed_.erase(std::prev(listed_.end()));
  }
}

void Comparison::end_of_rows() {
  cursor_.clear();
  if (state_ == State::summing) {
    bits_ = BucketSums::bits_for(report_.rows);
    write(wire::SUMS, steady_);
    letter_.set_bits(bits_);
    letter_.set_sums(sums_.folded(bits_).bytes());
    write_value(mark_, *letter_.mutable_place());
    state_ = State::summed;
    return;
  }
  if (listed_.size() > most_listed) return fail("QZ-AGT-088");
  std::vector<Print> rows;
  for (const auto& [tag, listed] : listed_) {
    rows.push_back(tag);
    rows.push_back(listed.print);
  }
  std::vector<Print> except;
  for (const std::string& key : except_) except.push_back(printer_.tag_of(key));
  write(wire::ROWS, steady_);
  for (const std::uint32_t bucket : buckets_) letter_.add_buckets(bucket);
  letter_.set_bits(bits_);
  letter_.set_rows(bytes_of(rows));
  letter_.set_except(bytes_of(except));
  letter_.set_report_only(setting_.report_only);
  write_value(mark_, *letter_.mutable_place());
  state_ = State::listed;
}

void Comparison::take_buckets(const wire::Comparison& letter) {
  const auto within = [&](std::uint32_t bucket) { return bucket < (1U << bits_); };
  if (!std::all_of(letter.buckets().begin(), letter.buckets().end(), within)) return;
  buckets_.assign(letter.buckets().begin(), letter.buckets().end());
  state_ = buckets_.empty() ? State::over : State::listing;
}

void Comparison::touch(const adapter::RowsStep& rows) {
  if (state_ != State::listing && state_ != State::listed) return;
  std::vector<std::size_t> key;
  for (const std::string& item : setting_.topic.key) {
    const auto found = std::find(rows.indexes.begin(), rows.indexes.end(), setting_.topic.index_of(item));
    QZ_ASSERT(found != rows.indexes.end());
    key.push_back(static_cast<std::size_t>(found - rows.indexes.begin()));
  }
  for (std::size_t row = 0; row < rows.meta.size(); ++row) {
    std::string text;
    for (std::size_t i = 0; i < key.size(); ++i) {
      if (!text.empty()) text += '\x1f';
      text += comparable(setting_.topic.items[rows.indexes[key[i]]], rows.columns[key[i]], row);
    }
    touched_.insert(printer_.tag_of(text));
  }
  if (touched_.size() > most_written) fail("QZ-AGT-088");
}

void Comparison::take_result(const wire::Comparison& letter) {
  report_.missing = letter.missing();
  for (const Print& tag : prints_of(letter.changed())) {
    const auto listed = listed_.find(tag);
    if (listed == listed_.end()) continue;
    ++report_.changed;
    if (named_.changed.size() < most_named) named_.changed.push_back(shown(listed->second.key));
  }
  for (const Print& tag : prints_of(letter.extra())) {
    const auto listed = listed_.find(tag);
    if (listed == listed_.end() || touched_.count(tag) != 0) continue;
    ++report_.extra;
    extra_.push_back(&listed->second);
    if (named_.extra.size() < most_named) named_.extra.push_back(shown(listed->second.key));
  }
  state_ = State::over;
}

std::optional<adapter::RowsStep> Comparison::extra_rows(const std::string& seen, const Position& mark) const {
  if (extra_.empty() || setting_.report_only) return std::nullopt;
  adapter::RowsStep step;
  step.seen = seen;
  step.batch = mark;
  for (const std::string& item : setting_.topic.key) step.indexes.push_back(setting_.topic.index_of(item));
  step.columns.resize(step.indexes.size());
  // In a history they stand with the batch at the mark: behind its own rows, and apart from those of other comparisons.
  std::uint32_t ordinal = 0x80000000U | static_cast<std::uint32_t>(octets_of(conversation_)[0]) << 23U |
                          static_cast<std::uint32_t>(octets_of(conversation_)[1]) << 15U;
  for (const Listed* listed : extra_) {
    step.meta.push_back({Operation::remove, ordinal++, 0, 0});
    step.groups.push_back(listed->group);
    for (std::size_t i = 0; i < step.columns.size(); ++i) step.columns[i].append(listed->cells[i]);
  }
  return step;
}

std::string Comparison::step_text() const {
  switch (state_) {
    case State::asking: return "asked" + (report_.code.empty() ? "" : ", " + report_.code);
    case State::catching_up: return "waiting for batch " + to_text(place_.position);
    case State::summing: return "reading, " + std::to_string(report_.rows) + " rows so far";
    case State::summed: return "sums of " + std::to_string(report_.rows) + " rows sent";
    case State::listing: return "reading what differs, " + std::to_string(listed_.size()) + " rows so far";
    case State::listed: return std::to_string(listed_.size()) + " rows told";
    case State::over: return "over";
  }
  return {};
}

}  // namespace qianzhi::flow
