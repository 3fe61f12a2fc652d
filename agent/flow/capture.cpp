#include "agent/flow/capture.h"

#include <algorithm>

#include "agent/flow/capture_rows.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::flow {

namespace {

std::string regressed_name(const std::string& source) { return "source-regressed/" + source; }
std::string confirmed_name(const std::string& source) { return "source-confirmed/" + source; }

}  // namespace

Capture::Capture(const config::SourceConfig& source, std::vector<config::PublicationConfig> publications,
                 CaptureParts parts, adapter::Connection connection)
    : source_config_(source),
      publication_configs_(std::move(publications)),
      parts_(std::move(parts)),
      connection_(std::move(connection)),
      began_(parts_.sealer.clock.now()),
      throttle_(source_config_.throttle),
      canary_(source_config_.canary, parts_.sealer.clock, parts_.sealer.random),
      began_steady_(parts_.sealer.clock.steady()) {}

void Capture::confirm_source(store::Store& store, const std::string& source) {
  store.update([&](store::StoreTransaction& transaction) { transaction.put_value(confirmed_name(source), "1"); });
}

void Capture::compile(const Directory& directory) {
  publications_.clear();
  reads_.clear();
  refused_.clear();
  for (const config::PublicationConfig& publication : publication_configs_) {
    const Topic* topic = directory.catalogue.find(publication.topic);
    const GroupSet provided = directory.provides(parts_.sealer.agent, publication.topic);
    if (topic == nullptr || provided.is_empty()) {
      refused_.push_back({NoticeLevel::error, "QZ-AGT-030", publication.topic, "not provided by this agent"});
      continue;
    }
    publications_.emplace_back(publication, *topic, provided.intersect(publication.area),
                               directory.catalogue.code_tables, &parts_.sealer.clock);
  }
  adapter::SourceSpec spec = narrowed(spec_of(source_config_, publications_, parts_.sealer.agent, connection_));
  for (std::size_t i = 0; i < publications_.size(); ++i) {
    const std::size_t table = shares_tables(spec.mode) ? table_of(spec, publications_[i]) : i;
    reads_.push_back({table, column_indexes(spec.tables[table], publications_[i]),
                      old_column_indexes(spec.tables[table], publications_[i])});
  }
  spec_ = std::move(spec);
  make_reconciles();
  load_shapes();
  answer_.reset();
  source_.reset();
}

// source_ is set last: a try that fails in between is made again whole.
void Capture::open_source() {
  diff_ = nullptr;
  make_canary();
  // An adapter that does not know this way would read nothing, and nobody would see it.
  if (spec_.mode == adapter::CaptureMode::watermark && !parts_.adapter.capabilities().watermark)
    throw Error(ErrorKind::misuse, "QZ-ADP-021", source_config_.database.type + " has no capture by a watermark");
  std::unique_ptr<adapter::Source> source = parts_.adapter.open_source(spec_);
  checkpoint_ = parts_.store.checkpoint(id());
  regressed_ = parts_.store.value(regressed_name(id())).value_or("");
  aside_keys_.clear();
  for (const store::QuarantineEntry& entry : parts_.store.quarantine(false))
    if (entry.side == store::QuarantineSide::capture) aside_keys_[entry.topic].insert(entry.key);
  if (spec_.mode == adapter::CaptureMode::snapshot_only) {
    std::vector<std::string> topics;
    for (const Publication& publication : publications_) topics.push_back(publication.topic().id);
    auto diff = std::make_unique<DiffSource>(std::move(source), spec_, std::move(topics), parts_.store,
                                             parts_.sealer.clock, source_config_.poll_interval, checkpoint_);
    diff_ = diff.get();
    source = std::move(diff);
  }
  source_ = std::move(source);
}

void Capture::configure() {
  // An expired directory ends exchange, not capture: what waits in the queue is given to nobody, and a source whose log
  // nobody reads fills its disk. The uplink says that it has expired.
  const auto directory = parts_.directory.current();
  if (!directory) throw Error(ErrorKind::unavailable, "QZ-AGT-021", "no directory yet");
  if (!compiled_for_ || compiled_for_->version != directory->version) {
    // An unchanged catalogue and area must not cost a reconnect at each re-issue of the directory.
    const bool same = compiled_for_ && compiled_for_->catalogue == directory->catalogue &&
                      compiled_for_->provisions == directory->provisions;
    if (!same) {
      // What fails here leaves nothing that a later directory could be the same as.
      compiled_for_.reset();
      compile(*directory);
    }
    compiled_for_ = directory;
  }
  if (recompile_) {
    compile(*compiled_for_);
    recompile_ = false;
  }
  if (!source_ && !publications_.empty()) open_source();
}

StreamWriter Capture::writer_for(const Publication& publication) const {
  return {parts_.sealer, parts_.store, publication.topic().id, compiled_for_->catalogue.version,
          parts_.store.stream(publication.topic().id).value_or(store::StreamState{})};
}

void Capture::commit(const Turn& turn) {
  if (parts_.breakpoint) parts_.breakpoint("capture.before_store");
  parts_.store.update([&](store::StoreTransaction& transaction) {
    for (const StreamWriter& writer : turn.writers) writer.commit(transaction);
    for (const store::QuarantineEntry& entry : turn.released)
      transaction.release_key(entry.side, entry.topic, entry.origin, entry.key);
    for (const store::QuarantineEntry& entry : turn.aside) parts_.store.set_aside(transaction, entry);
    for (const std::string& topic : turn.forgotten) transaction.erase_known(topic);
    for (const auto& [topic, known] : turn.known)
      for (const KnownChange& change : known)
        if (change.gone)
          transaction.erase_known(topic, change.row.id);
        else
          transaction.put_known(topic, change.row);
    for (const auto& [name, value] : turn.values)
      if (value)
        transaction.put_value(name, *value);
      else
        transaction.erase_value(name);
    if (turn.checkpoint) transaction.put_checkpoint(id(), *turn.checkpoint);
  });
  if (parts_.breakpoint) parts_.breakpoint("capture.after_store");
  if (turn.checkpoint) checkpoint_ = *turn.checkpoint;
  for (const StreamWriter& writer : turn.writers)
    if (writer.has_sealed()) sealed_at_[writer.topic()] = parts_.sealer.clock.steady();
  for (const auto& [topic, known] : turn.known) {
    if (diff_ != nullptr) diff_->stored(topic, known);
    for (const auto& reconcile : reconciles_)
      if (reconcile && reconcile->topic() == topic) reconcile->stored(known);
  }
  for (const store::QuarantineEntry& entry : turn.released) aside_keys_[entry.topic].erase(entry.key);
  for (const store::QuarantineEntry& entry : turn.aside) aside_keys_[entry.topic].insert(entry.key);
  if (std::any_of(turn.writers.begin(), turn.writers.end(), [](const StreamWriter& w) { return w.is_changed(); }) &&
      parts_.on_sealed)
    parts_.on_sealed();
}

void Capture::rebase_source(const std::string& why) {
  const SourcePosition present = source_->present();
  Turn turn;
  for (const Publication& publication : publications_) {
    StreamWriter writer = writer_for(publication);
    if (writer.state().last.is_none())
      writer.open_epoch({}, 0, present);
    else
      writer.rebase(present);
    writer.set_area(publication.area());
    turn.writers.push_back(std::move(writer));
  }
  turn.checkpoint = present;
  commit(turn);
  log(LogLevel::notice, name(), "rebased: " + why);
}

void Capture::prepare_streams() {
  Turn turn;
  for (std::size_t i = 0; i < publications_.size(); ++i) {
    const Publication& publication = publications_[i];
    StreamWriter writer = writer_for(publication);
    const store::StreamState& state = writer.state();
    if (state.epoch_request) {
      const store::EpochRequest request = *state.epoch_request;
      log(LogLevel::warning, publication.topic().id, "new epoch: " + request.reason);
      writer.open_epoch(request.head, request.above, checkpoint_);
      writer.set_area(publication.area());
    } else if (state.last.is_none()) {
      writer.open_epoch({}, 0, checkpoint_);
      writer.set_area(publication.area());
    } else if (!(state.area == publication.area())) {
      // R3.5: added and removed groups are refilled; lists give the difference, `*` gives `*`.
      const bool lists = !state.area.is_every() && !publication.area().is_every();
      const GroupSet touched =
          lists ? state.area.without(publication.area()).unite(publication.area().without(state.area))
                : GroupSet::every();
      writer.want(touched);
      writer.set_area(publication.area());
      writer.begin_refill(writer.state().wanted, checkpoint_);
    } else if (!state.refill && !state.wanted.is_empty() && state.stopped_code.empty()) {
      writer.begin_refill(state.wanted, checkpoint_);
    }
    keep_track(i, writer, turn);
    if (writer.is_changed()) turn.writers.push_back(std::move(writer));
  }
  if (!turn.writers.empty() || !turn.values.empty()) commit(turn);
}

SourcePosition Capture::high_water() const {
  SourcePosition highest;
  for (const Publication& publication : publications_) {
    const auto state = parts_.store.stream(publication.topic().id);
    if (state && state->high_water.order > checkpoint_.order && state->high_water.order > highest.order)
      highest = state->high_water;
  }
  for (const auto& reconcile : reconciles_)
    if (reconcile && reconcile->awaited() != nullptr && reconcile->awaited()->order > checkpoint_.order &&
        reconcile->awaited()->order > highest.order)
      highest = *reconcile->awaited();
  const SourcePosition* answered = answer_ && diff_ == nullptr ? answer_->awaited() : nullptr;
  if (answered != nullptr && answered->order > checkpoint_.order && answered->order > highest.order)
    highest = *answered;
  return highest;
}

void Capture::seal_changes(const adapter::Changes& changes) {
  Turn turn;
  for (std::size_t i = 0; i < publications_.size(); ++i) {
    StreamWriter writer = writer_for(publications_[i]);
    if (!writer.state().stopped_code.empty()) continue;
    for (const adapter::TableChanges& table : changes.tables) {
      if (table.table != reads_[i].table) continue;
      const std::vector<Column> columns = pick(table.columns, reads_[i].columns);
      std::vector<Column> old = pick(table.old, reads_[i].old_columns);
      const std::string& topic = publications_[i].topic().id;
      if (reconciles_[i])
        for (KnownChange& known : reconciles_[i]->note(table.meta, columns, old))
          turn.known[topic].push_back(std::move(known));
      const Selection selection = publications_[i].select_changes(table.meta, columns, old);
      writer.seal_changes(publications_[i], selection, changes.position);
      note_sealed(publications_[i], selection);
      collect_quarantine(publications_[i], reads_[i], selection, columns, writer, turn);
      if (diff_ == nullptr) continue;
      for (const auto& known : diff_->known_changes()) turn.known[topic].push_back(known.value());
    }
    if (writer.is_changed()) turn.writers.push_back(std::move(writer));
  }
  turn.checkpoint = changes.position;
  const bool moved = !(changes.position == checkpoint_);
  if (!turn.writers.empty() || moved) commit(turn);
}

void Capture::collect_quarantine(const Publication& publication, const Read& read, const Selection& selection,
                                 const std::vector<Column>& source, const StreamWriter& writer, Turn& turn) {
  std::map<std::size_t, mapping::Fault> faults;
  for (const mapping::Fault& fault : selection.faults) faults[fault.row] = fault;
  for (const std::size_t row : writer.oversized())
    faults[row] = {row, "", "QZ-AGT-033", "the row alone exceeds the size of a batch"};
  const auto held = aside_keys_.find(publication.topic().id);
  const bool any_held = held != aside_keys_.end() && !held->second.empty();
  if (faults.empty() && !any_held) return;
  for (const Line& line : selection.lines) {
    store::QuarantineEntry entry;
    entry.side = store::QuarantineSide::capture;
    entry.topic = publication.topic().id;
    entry.key = publication.key_of(selection.mapped, line.row);
    const auto fault = faults.find(line.row);
    if (fault == faults.end()) {
      if (any_held && held->second.count(entry.key) != 0) turn.released.push_back(std::move(entry));
      continue;
    }
    if (line.operation == Operation::remove) continue;
    entry.position = writer.state().last.position;
    entry.ordinal = static_cast<std::uint32_t>(line.row);
    entry.code = fault->second.code;
    entry.detail = fault->second.detail;
    entry.first_seen = parts_.sealer.clock.now();
    entry.row = encode_row(spec_.tables[read.table].columns, read.columns, source, line.row);
    turn.aside.push_back(std::move(entry));
  }
}

bool Capture::read_changes(bool& more) {
  // A walk would find each row that the refill has not come to yet, and send it twice.
  if (diff_ != nullptr && refills_rows()) return true;
  const Clock& clock = parts_.sealer.clock;
  if (diff_ != nullptr && clock.steady() < throttle_.ready_at()) return false;
  bool refilling = false;
  for (const Publication& publication : publications_) {
    const auto state = parts_.store.stream(publication.topic().id);
    refilling = refilling || (state && state->refill && state->stopped_code.empty());
    if (diff_ != nullptr)
      diff_->skip(static_cast<std::size_t>(&publication - publications_.data()), state && !state->stopped_code.empty());
  }
  adapter::ReadLimits limits = parts_.read_at_least;
  for (const Publication& publication : publications_) {
    limits.rows = std::max(limits.rows, publication.config().batch.rows);
    limits.octets = std::max(limits.octets, publication.config().batch.octets);
  }
  const adapter::Changes changes = source_->read_changes(checkpoint_, high_water(), limits, patience(refilling));
  // A walk is begun again rather than that anything is stopped or sent anew for it.
  if (changes.continuity != adapter::Continuity::good) answer_.reset();
  if (changes.continuity != adapter::Continuity::good && abandon_walks()) return true;
  if (diff_ != nullptr) throttle_.has_read(diff_->rows_read(), clock.now(), clock.steady());
  if (changes.continuity == adapter::Continuity::gap) {
    rebase_source("gap: " + changes.reason);
    return true;
  }
  if (changes.continuity == adapter::Continuity::regressed) {
    regressed_ = changes.reason;
    parts_.store.update([&](store::StoreTransaction& transaction) {
      transaction.put_value(regressed_name(id()), changes.reason);
      transaction.erase_value(confirmed_name(id()));
    });
    return true;
  }
  look_after(changes);
  if (recompile_) return true;  // read again without what is gone
  judge_tables(changes);
  const bool moved = !(changes.position == checkpoint_);
  seal_changes(changes);
  if (moved) source_->forget(checkpoint_);
  watch(changes);
  more = changes.more;
  return !changes.tables.empty();
}

void Capture::report() {
  keep_progress();
  std::vector<Notice> notices = refused_;
  notices.insert(notices.end(), attention_.begin(), attention_.end());
  if (!regressed_.empty()) notices.push_back({NoticeLevel::error, "QZ-AGT-034", id(), regressed_});
  for (const Publication& publication : publications_) {
    const auto state = parts_.store.stream(publication.topic().id);
    if (!state) continue;
    if (!state->stopped_code.empty())
      notices.push_back({NoticeLevel::error, state->stopped_code, publication.topic().id, state->stopped_detail});
    else if (state->refill)
      notices.push_back({NoticeLevel::info, "QZ-AGT-035", publication.topic().id,
                         to_text(state->refill->groups) + ": " + progress_text(publication.topic().id)});
  }
  report_shapes(notices);
  report_walks(notices);
  report_answer(notices);
  report_silence(notices);
  report_canary(notices);
  say(std::move(notices));
}

Progress Capture::run_once() {
  configure();
  if (publications_.empty()) {
    report();
    return Progress::idle;
  }
  if (parts_.store.is_full()) throw Error(ErrorKind::full, "QZ-AGT-020", "capture is paused");
  if (!regressed_.empty()) {
    report();
    if (!parts_.store.value(confirmed_name(id()))) return Progress::idle;
    regressed_.clear();
    parts_.store.update([&](store::StoreTransaction& transaction) {
      transaction.erase_value(regressed_name(id()));
      transaction.erase_value(confirmed_name(id()));
    });
    rebase_source("confirmed by an operator");
  }
  if (checkpoint_.is_none()) rebase_source("first start");
  prepare_streams();
  look_if_due();
  if (recompile_) return Progress::moved;
  must_look_ = true;  // unless all of this step ends well
  bool more = false;
  bool moved = read_changes(more);
  retry_rows();
  // One refill chunk a turn, so that live changes never wait long behind a refill.
  for (std::size_t i = 0; i < publications_.size() && regressed_.empty() && !recompile_; ++i) {
    const std::size_t turn = (next_refill_ + i) % publications_.size();
    if (!refill_one(turn)) continue;
    next_refill_ = turn + 1;
    moved = true;
    break;
  }
  if (regressed_.empty() && !recompile_) moved = reconcile_some() || moved;
  if (regressed_.empty() && !recompile_) moved = answer_some() || moved;
  must_look_ = false;
  report();
  // An adapter's read_changes() has waited already when there was nothing.
  const bool waited = diff_ == nullptr && regressed_.empty();
  return moved || more || waited ? Progress::moved : Progress::idle;
}

}  // namespace qianzhi::flow
