// That a source which brings nothing is alive: by the canary, by a look at the whole of a table, by a comparison. It is
// noted for the publication and, now and then, sealed as a change without rows, so that subscribers know it too.
#include <algorithm>

#include "agent/flow/capture.h"
#include "agent/flow/capture_rows.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::flow {

namespace {

constexpr Micros note_interval = 15'000'000;
constexpr Micros longest_pulse = 3'600'000'000;
constexpr Micros cycle_parts = 4;
constexpr Micros skew_allowed = 120'000'000;

}  // namespace

// An adapter without one, and a table that is not there, must not stop the capture of others.
void Capture::make_canary() {
  has_canary_ = !spec_.canary.empty() && parts_.adapter.capabilities().canary;
  if (has_canary_ || spec_.canary.empty()) return;
  spec_.tables.erase(spec_.tables.begin() + static_cast<std::ptrdiff_t>(spec_.canary_table()));
  spec_.canary.clear();
}

// What was read and sealed; then, if nothing waits, a beat is written.
void Capture::watch(const adapter::Changes& changes) {
  note_looks(changes);
  judge_times(changes);
  if (spec_.mode == adapter::CaptureMode::watermark && changes.tables.empty() && !changes.more)
    for (std::size_t i = 0; i < publications_.size(); ++i) prove_alive(i, store::AliveBy::look);
  if (!has_canary_) return;
  const std::size_t table = spec_.canary_table();
  bool proven = false;
  for (const adapter::TableChanges& found : changes.tables)
    if (found.table != table)
      canary_.saw_others();
    else
      proven = canary_.saw(found) || proven;
  std::string why;
  for (const adapter::TableEvent& event : changes.events)
    if (event.table == table && event.kind != adapter::TableEventKind::truncated) why = event.detail;
  canary_.told(std::move(why));
  // What is captured of one table proves the way that all of them take.
  if (proven || !changes.tables.empty())
    for (std::size_t i = 0; i < publications_.size(); ++i) prove_alive(i, store::AliveBy::canary);
  if (!changes.more && changes.tables.empty() && canary_.is_due()) beat();
}

// A change of the future tells of a clock that is wrong; one of the past may only have waited.
void Capture::judge_times(const adapter::Changes& changes) {
  const Micros now = parts_.sealer.clock.now();
  Micros newest = 0;
  for (const adapter::TableChanges& table : changes.tables)
    for (const adapter::ChangeMeta& meta : table.meta) newest = std::max(newest, meta.source_time);
  if (newest != 0) source_ahead_ = newest - now > skew_allowed ? newest - now : 0;
}

void Capture::beat() {
  try {
    source_->beat(canary_.next());
  } catch (const Error& error) {
    // What is broken is told by the reads, which need the same database.
    if (error.kind() == ErrorKind::corrupt) throw;
    canary_.refused(error);
  }
}

void Capture::note_looks(const adapter::Changes& changes) {
  for (const adapter::TableLook& look : changes.looks)
    for (std::size_t i = 0; i < publications_.size(); ++i) {
      const auto state = parts_.store.stream(publications_[i].topic().id);
      if (reads_[i].table == look.table && state && state->look != look.at)
        prove_alive(i, store::AliveBy::look, look.at);
    }
}

// How long a stream may stay without a batch while its source is known to be alive.
Micros Capture::pulse(std::size_t index) const {
  const Micros cycle = publications_[index].config().update_cycle;
  const Micros usual = cycle == 0 ? longest_pulse : std::clamp(cycle / cycle_parts, note_interval, longest_pulse);
  return has_canary_ ? std::min(usual, canary_.every()) : usual;
}

void Capture::prove_alive(std::size_t index, store::AliveBy by, Micros look) {
  const std::string& topic = publications_[index].topic().id;
  const Micros now = parts_.sealer.clock.steady();
  const auto sealed = sealed_at_.find(topic);
  const bool is_first = sealed == sealed_at_.end();
  // After a start the canary speaks at once; what looks at tables has its pulse from there.
  const bool seals = is_first ? by == store::AliveBy::canary || now - began_steady_ >= pulse(index)
                              : now - sealed->second >= pulse(index);
  const auto noted = noted_at_.find(topic);
  const bool notes = noted == noted_at_.end() || now - noted->second >= note_interval || look != 0;
  if (!seals && !notes) return;
  Turn turn;
  StreamWriter writer = writer_for(publications_[index]);
  if (writer.state().last.is_none() || !writer.state().stopped_code.empty()) return;
  writer.prove_alive(by, checkpoint_, look, seals);
  turn.writers.push_back(std::move(writer));
  commit(turn);
  noted_at_[topic] = now;
}

// "Running" while nothing moves is the failure that nobody sees (pitfall 39). A source that was looked at, or is proven
// to be alive, and has nothing new, is on time.
void Capture::report_silence(std::vector<Notice>& notices) {
  const Clock& clock = parts_.sealer.clock;
  for (const Publication& publication : publications_) {
    const std::string& topic = publication.topic().id;
    const auto state = parts_.store.stream(topic);
    if (!state) continue;
    const Micros changed = since_.age("change/" + topic, state->last_change, clock);
    const Micros alive = since_.age("alive/" + topic, state->alive, clock);
    const Micros cycle = publication.config().update_cycle;
    if (cycle == 0 || changed <= cycle || (state->alive != 0 && alive <= cycle)) continue;
    std::string detail = state->last_change != 0 ? "the last change was sealed " + to_text(state->last_change)
                                                 : "none since " + to_text(began_);
    if (state->alive != 0)
      detail += "; the source was last shown to be alive " + to_text(state->alive) + " (" +
                std::string(store::name_of(state->alive_by)) + ")";
    notices.push_back({NoticeLevel::warning, "QZ-AGT-039", topic, detail});
  }
}

void Capture::report_canary(std::vector<Notice>& notices) const {
  if (source_ahead_ != 0)
    notices.push_back({NoticeLevel::warning, "QZ-AGT-104", id(),
                       "changes came that are " + std::to_string(source_ahead_ / 1'000'000) + " s ahead of our clock"});
  if (source_config_.canary.every == 0) return;
  if (!has_canary_ && source_ != nullptr)
    notices.push_back({NoticeLevel::warning, "QZ-AGT-102", id(), source_config_.database.type});
  if (!has_canary_) return;
  for (Notice& notice : canary_.notices(id())) notices.push_back(std::move(notice));
}

}  // namespace qianzhi::flow
