// Tables whose shape changes (pitfall 28): looked at before anything is read from a source that was opened, with every
// chunk that holds rows, and now and then. Only the publication that a change breaks stops.
#include <algorithm>

#include "agent/flow/capture.h"
#include "agent/flow/capture_rows.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::flow {

namespace {

constexpr Micros shapes_interval = 60'000'000;
constexpr Micros chunk_interval = 1'000'000;  // before whole tables are read
constexpr Micros cure_interval = 2'000'000;
constexpr Micros note_lasts = 7 * 86'400'000'000;

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

void Capture::load_shapes() {
  watched_.clear();
  for (const Publication& publication : publications_) {
    watched_.emplace_back();
    if (const auto kept = parts_.store.value(shape_name(publication.topic().id)))
      watched_.back().known = decode_shape(*kept);
  }
  must_look_ = true;
}

// A column that is gone must not hold up other publications of its table: what only stopped ones read is not asked for.
adapter::SourceSpec Capture::narrowed(adapter::SourceSpec spec) const {
  if (!shares_tables(spec.mode)) return spec;
  for (adapter::SourceTable& table : spec.tables) {
    const auto others = std::any_of(publications_.begin(), publications_.end(), [&](const Publication& publication) {
      return publication.config().table == table.table && !lacks_column(publication);
    });
    if (!others) continue;
    std::erase_if(table.columns, [&](const std::string& column) {
      return gone_.count({table.table, column}) != 0 && !holds(table.key, column) && !holds(table.old_columns, column);
    });
  }
  return spec;
}

bool Capture::lacks_column(const Publication& publication) const {
  const auto& columns = publication.mapper().columns();
  return std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
    return gone_.count({publication.config().table, column}) != 0;
  });
}

void Capture::look_if_due() {
  const Micros now = parts_.sealer.clock.steady();
  if (!must_look_ && now < look_again_) return;
  std::set<std::size_t> all;
  for (const Read& read : reads_) all.insert(read.table);
  look_at(all, !counted_);
  counted_ = true;
  look_again_ = now + (diff_ != nullptr ? chunk_interval : shapes_interval);
}

// A chunk of a table that lacks a column is an error, and that of a whole source: so it is looked for beforehand.
void Capture::look_before(std::size_t index) {
  if (parts_.sealer.clock.steady() - watched_[index].looked >= chunk_interval) look_at({reads_[index].table}, false);
}

void Capture::look_at(const std::set<std::size_t>& tables, bool count) {
  if (tables.empty()) return;
  const std::vector<std::size_t> asked(tables.begin(), tables.end());
  const std::vector<adapter::TableInfo> found = source_->look(asked, count);
  if (found.empty()) return;
  const auto gone_before = gone_;
  Turn turn;
  std::vector<std::optional<Shape>> next(publications_.size());
  std::vector<std::string> seen(publications_.size());
  for (std::size_t i = 0; i < publications_.size(); ++i) {
    const auto place = std::find(asked.begin(), asked.end(), reads_[i].table);
    if (place == asked.end()) continue;
    const adapter::TableInfo& info = found[static_cast<std::size_t>(place - asked.begin())];
    if (count) watched_[i].rows = info.rows;
    // One that is stopped is judged anew: an operator may have accepted it.
    if (watched_[i].stop.empty() && watched_[i].seen == fingerprint(info)) continue;
    next[i] = judge(i, info, turn);
    seen[i] = fingerprint(info);
  }
  if (!turn.writers.empty() || !turn.values.empty()) commit(turn);
  for (std::size_t i = 0; i < next.size(); ++i) {
    if (next[i]) watched_[i].known = std::move(next[i]);
    if (!seen[i].empty()) watched_[i].seen = std::move(seen[i]);
    if (tables.count(reads_[i].table) != 0) watched_[i].looked = parts_.sealer.clock.steady();
  }
  if (gone_ != gone_before && shares_tables(spec_.mode)) recompile_ = true;
}

std::set<std::string> Capture::carried(const std::string& table) const {
  std::set<std::string> columns;
  for (const Publication& publication : publications_)
    if (publication.config().table == table)
      for (const std::string& column : publication.mapper().columns()) columns.insert(lower(column));
  return columns;
}

void Capture::note_gone(const Publication& publication, const adapter::TableInfo& info) {
  for (const std::string& column : publication.mapper().columns()) {
    const bool there = std::any_of(info.columns.begin(), info.columns.end(),
                                   [&](const adapter::ColumnInfo& c) { return lower(c.name) == lower(column); });
    // Of a table that is gone nothing can be read for anybody.
    if (there || info.columns.empty())
      gone_.erase({publication.config().table, column});
    else
      gone_.emplace(publication.config().table, column);
  }
}

std::optional<Shape> Capture::judge(std::size_t index, const adapter::TableInfo& info, Turn& turn) {
  const Publication& publication = publications_[index];
  const std::string& topic = publication.topic().id;
  Watched& own = watched_[index];
  note_gone(publication, info);
  const bool accepted = parts_.store.value(accepted_name(topic)).has_value();
  if (accepted) turn.values[accepted_name(topic)] = std::nullopt;
  ShapeVerdict verdict = judge_shape(own.known, info, publication, carried(publication.config().table), accepted,
                                     parts_.sealer.clock.now());
  own.stop = verdict.stop;
  StreamWriter writer = writer_for(publication);
  if (!verdict.stop.empty()) {
    writer.stop("QZ-AGT-032", verdict.stop);
    if (writer.is_changed()) log(LogLevel::error, topic, "QZ-AGT-032 " + verdict.stop);
  } else if (verdict.resend && writer.state().stopped_code.empty()) {
    const auto& refill = writer.state().refill;
    if (!refill)
      writer.want(GroupSet::every());
    else if (!refill->cursor.empty() || refill->rows_done)
      writer.begin_refill(GroupSet::every(), checkpoint_);
  }
  for (const std::string& note : verdict.notes)
    log(LogLevel::notice, topic, "table " + publication.config().table + ": " + note);
  if (writer.is_changed()) turn.writers.push_back(std::move(writer));
  if (!verdict.stop.empty() || own.known == verdict.next) return std::nullopt;
  turn.values[shape_name(topic)] = encode(verdict.next);
  return std::move(verdict.next);
}

// A log describes its own rows and tells where they change; of all others what was read is as good as what is seen now.
void Capture::look_after(const adapter::Changes& changes) {
  std::set<std::size_t> tables;
  if (spec_.mode != adapter::CaptureMode::log)
    for (const adapter::TableChanges& table : changes.tables) tables.insert(table.table);
  const Micros now = parts_.sealer.clock.steady();
  for (std::size_t i = 0; i < publications_.size(); ++i) {
    const std::size_t table = reads_[i].table;
    const bool is_told = std::any_of(changes.events.begin(), changes.events.end(), [&](const adapter::TableEvent& e) {
      return e.table == table &&
             (e.kind == adapter::TableEventKind::schema_changed || e.kind == adapter::TableEventKind::unseen_changes);
    });
    for (const adapter::TableEvent& event : changes.events)
      if (event.table == table && event.kind == adapter::TableEventKind::reshaped) tables.insert(table);
    const auto state = parts_.store.stream(publications_[i].topic().id);
    const bool is_stopped = state && !state->stopped_code.empty();
    const bool is_misfit = !watched_[i].stop.empty();
    if (is_told != is_stopped && (!is_misfit || is_told || now >= cure_again_)) tables.insert(table);
  }
  if (now >= cure_again_) cure_again_ = now + cure_interval;
  look_at(tables, false);
}

void Capture::judge_tables(const adapter::Changes& changes) {
  Turn turn;
  attention_.clear();
  for (std::size_t i = 0; i < publications_.size(); ++i) {
    StreamWriter writer = writer_for(publications_[i]);
    const bool is_misfit = !watched_[i].stop.empty();
    bool lost = is_misfit;
    for (const adapter::TableEvent& event : changes.events) {
      if (event.table != reads_[i].table) continue;
      if (event.kind == adapter::TableEventKind::attention) {
        attention_.push_back({NoticeLevel::warning, event.code, publications_[i].topic().id, event.detail});
        continue;
      }
      if (event.kind == adapter::TableEventKind::reshaped) continue;  // looked at already
      if (event.kind == adapter::TableEventKind::truncated) {
        writer.want(GroupSet::every());
        continue;
      }
      lost = true;
      if (is_misfit) continue;  // said already, and better
      const bool schema = event.kind == adapter::TableEventKind::schema_changed;
      writer.stop(schema ? "QZ-AGT-032" : "QZ-AGT-031", event.detail);
    }
    // Cured at the source or in the mapping: what happened meanwhile was not seen, so everything is refilled.
    if (!lost && !writer.state().stopped_code.empty()) writer.rebase(checkpoint_);
    if (writer.is_changed()) turn.writers.push_back(std::move(writer));
  }
  if (!turn.writers.empty()) commit(turn);
}

void Capture::report_shapes(std::vector<Notice>& notices) const {
  const Micros now = parts_.sealer.clock.now();
  for (std::size_t i = 0; i < publications_.size(); ++i) {
    if (!watched_[i].known) continue;
    std::string text;
    for (const ShapeNote& note : watched_[i].known->notes)
      if (now - note.time < note_lasts) text += (text.empty() ? "" : "；") + note.text;
    if (text.empty()) continue;
    const Publication& publication = publications_[i];
    notices.push_back({NoticeLevel::info, "QZ-AGT-105", publication.topic().id,
                       "表 table " + publication.config().table + "：" + text});
  }
}

}  // namespace qianzhi::flow
