// Answers to subscribers who compare their targets with this source (comparison_answer.h). One at a time, so that the
// source is walked by one, and its changes are told to one.
#include <algorithm>

#include "agent/flow/capture.h"
#include "agent/flow/capture_rows.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/letter.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

bool has_answer_under_way(const std::unique_ptr<ComparisonAnswer>& answer) { return answer && !answer->has_result(); }

}  // namespace

void Capture::write_letter(const wire::Comparison& content) {
  wire::Letter letter;
  seal::sign_letter(content, parts_.sealer.key, letter);
  parts_.mailbox->send(read_value(content.stream()), content.to(), std::move(letter));
}

// Not now, and why.
void Capture::put_off(const wire::Comparison& asked, const std::string& code) {
  wire::Comparison reply;
  *reply.mutable_stream() = asked.stream();
  reply.set_from(asked.to());
  reply.set_to(asked.from());
  reply.set_conversation(asked.conversation());
  reply.set_step(wire::BUSY);
  reply.set_directory_version(asked.directory_version());
  reply.set_code(code);
  reply.set_time(parts_.sealer.clock.now());
  write_letter(reply);
}

void Capture::take_letter(std::size_t index, const wire::Comparison& letter) {
  const Publication& publication = publications_[index];
  const Micros steady = parts_.sealer.clock.steady();
  // Both must know the same grants; the one behind will come to them.
  if (letter.directory_version() != compiled_for_->version) return;
  if (answer_ && answer_->belongs(letter)) return answer_->take(letter, steady);
  if (letter.step() != wire::ASK) return put_off(letter, "QZ-AGT-088");
  const bool taken = has_answer_under_way(answer_) && (answer_->asker() != letter.from() || answer_->is_walking());
  if (taken || !may_walk(index)) return put_off(letter, "QZ-AGT-089");
  const std::string& topic = publication.topic().id;
  ComparisonAnswer::Setting setting;
  setting.stream = {parts_.sealer.agent, topic};
  setting.asker = letter.from();
  setting.topic = publication.topic();
  setting.granted = compiled_for_->entitlement(letter.from(), topic, parts_.sealer.clock.now());
  setting.directory_version = compiled_for_->version;
  setting.suite = parts_.sealer.key.record().suite;
  if (setting.granted.is_empty()) return;
  const store::StreamState state = parts_.store.stream(topic).value();
  answer_ = std::make_unique<ComparisonAnswer>(std::move(setting), letter, state.last, steady);
  const auto held = aside_keys_.find(topic);
  if (held != aside_keys_.end()) answer_->except(held->second);
}

// Rows that are sealed are not compared: the subscriber may have them or not.
void Capture::note_sealed(const Publication& publication, const Selection& selection) {
  if (answer_ && !answer_->touch(publication, selection)) answer_.reset();
}

bool Capture::answer_some() {
  if (parts_.mailbox == nullptr) return false;
  for (std::size_t i = 0; i < publications_.size(); ++i)
    for (const wire::Comparison& letter : parts_.mailbox->take({parts_.sealer.agent, publications_[i].topic().id}))
      take_letter(i, letter);
  if (!answer_) return false;
  const auto own = std::find_if(publications_.begin(), publications_.end(), [&](const Publication& publication) {
    return publication.topic().id == answer_->stream().topic;
  });
  const auto index = static_cast<std::size_t>(own - publications_.begin());
  // A refill begins all anew, and so does another epoch or directory.
  const bool holds = own != publications_.end() && may_walk(index) && !answer_->is_over(parts_.sealer.clock.steady()) &&
                     answer_->directory_version() == compiled_for_->version &&
                     parts_.store.stream(own->topic().id)->last.position.epoch == answer_->place().position.epoch;
  if (!holds) {
    answer_.reset();
    return false;
  }
  const bool moved = answer_step(index);
  if (!answer_) return true;  // its table was altered
  if (const auto reply = answer_->reply(parts_.sealer.clock.now())) write_letter(*reply);
  return moved;
}

bool Capture::answer_step(std::size_t index) {
  const Publication& publication = publications_[index];
  const Clock& clock = parts_.sealer.clock;
  if (!answer_->is_walking()) return false;
  if (answer_->wants_chunk()) {
    const Micros began = clock.steady();
    if (began < std::max(rest_until_, throttle_.ready_at())) return false;
    const adapter::ReadLimits limits{publication.config().batch.rows, publication.config().batch.octets};
    const std::size_t table = reads_[index].table;
    look_before(index);
    if (recompile_ || !may_walk(index)) {
      answer_.reset();
      return true;
    }
    adapter::SnapshotChunk chunk = diff_ != nullptr ? diff_->read_rows(table, answer_->cursor(), limits)
                                                    : source_->read_snapshot(table, answer_->cursor(), limits);
    throttle_.has_read(chunk.columns.empty() ? 0 : chunk.columns.front().size(), clock.now(), clock.steady());
    look_at({table}, false);
    if (recompile_ || !may_walk(index)) {
      answer_.reset();
      return true;
    }
    if (diff_ != nullptr && answer_->is_matching()) sent_as_ = diff_->sent_as(table, chunk);
    chunk.columns = pick(chunk.columns, reads_[index].columns);
    answer_->take(std::move(chunk));
    const Micros now = clock.steady();
    rest_until_ = now + (now - began);
  }
  // A comparison has no place that it must come to: it seals at once what it has read.
  const SourcePosition* place = diff_ == nullptr ? answer_->awaited() : nullptr;
  if (place != nullptr && checkpoint_.order < place->order) return false;
  seal_again(index);
  return true;
}

// Where what was sent is known, a row that was not sent as it is comes with the next walk, which makes it known: sealed
// here it would not be, and its delete would be seen by nobody (R3.3).
void Capture::keep_unsent(std::size_t index, std::vector<Line>& again) const {
  if (diff_ == nullptr && !reconciles_[index]) return;
  again.erase(std::remove_if(again.begin(), again.end(), [&](const Line& line) { return !sent_as_[line.row]; }),
              again.end());
}

void Capture::seal_again(std::size_t index) {
  const Publication& publication = publications_[index];
  Selection selection = publication.select_snapshot(answer_->columns(), {}, GroupSet::every());
  if (answer_->is_matching() && reconciles_[index]) sent_as_ = reconciles_[index]->sent_as(answer_->columns());
  std::vector<Line> again = answer_->compare(selection, parts_.sealer.clock.steady());
  keep_unsent(index, again);
  if (answer_->has_result() && reconciles_[index]) reconciles_[index]->let_go();
  if (answer_->has_result())
    log(LogLevel::notice, name(),
        "compared " + publication.topic().id + " with " + answer_->asker() + ": " + std::to_string(answer_->missing()) +
            " missing, " + std::to_string(answer_->changed()) + " changed, " + std::to_string(answer_->extra()) +
            " extra there");
  if (again.empty()) return;
  selection.lines = std::move(again);
  selection.faults.clear();
  Turn turn;
  StreamWriter writer = writer_for(publication);
  writer.seal_changes(publication, selection, checkpoint_);
  turn.writers.push_back(std::move(writer));
  commit(turn);
}

void Capture::report_answer(std::vector<Notice>& notices) const {
  if (!answer_) return;
  const std::string subject = answer_->stream().topic + " -> " + answer_->asker();
  const std::string found = std::to_string(answer_->missing()) + " missing, " + std::to_string(answer_->changed()) +
                            " changed, " + std::to_string(answer_->extra()) + " extra";
  if (!answer_->has_result()) notices.push_back({NoticeLevel::info, "QZ-AGT-085", subject, found + " so far"});
}

}  // namespace qianzhi::flow
