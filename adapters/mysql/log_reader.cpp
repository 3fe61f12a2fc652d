#include "adapters/mysql/log_reader.h"

#include <algorithm>

#include "adapters/mysql/names.h"
#include "adapters/mysql/values.h"
#include "adapters/sql/fingerprint.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::Changes;
using adapter::Continuity;
using adapter::TableEventKind;

constexpr Micros second = 1'000'000;
constexpr Micros look_again = 5 * second;  // at tables that cannot be read
constexpr unsigned row_bits = 32;

// Of a number range that no replica is likely to have; the same for the same source, so that a clone is noticed.
std::uint32_t own_server_id(const adapter::SourceSpec& spec) {
  adapter::sql::Fingerprint print;
  print.add(spec.name);
  print.add(database_of(spec.connection));
  const auto usual = static_cast<std::uint32_t>(0x71000000U + std::stoul(print.hex().substr(0, 6), nullptr, 16));
  return static_cast<std::uint32_t>(number_option(spec.connection, "server_id", usual, 1, UINT32_MAX));
}

}  // namespace

LogReader::LogReader(const adapter::SourceSpec& spec, const Clock& clock, Charsets& charsets)
    : spec_(spec),
      clock_(clock),
      charsets_(charsets),
      changes_(spec.tables, charsets),
      server_(spec.connection),
      broken_(spec.tables.size()) {}

void LogReader::forget_server() {
  close();
  server_.forget();
}

void LogReader::close() {
  stream_.reset();
  cursor_.reset();
  cursor_table_ = nullptr;
  tables_.clear();
  held_.clear();
  queue_.clear();
  group_.reset();
  given_ = {};
  events_.clear();
  told_in_group_.clear();
  held_octets_ = 0;
  changes_.take();
}

LogPosition LogReader::present(Session& session) {
  server_.look(session);
  return server_.position_at(server_.last_end());
}

LogPosition LogReader::position_at(Session& session, const LogPlace& place) {
  server_.look(session);
  return server_.position_at(place);
}

// Which tables of ours can be read as they are now. What cannot lasts, and is told at every read.
void LogReader::look_at_tables(Session& session) {
  looked_at_ = clock_.steady();
  std::vector<std::pair<std::string, std::string>> names;
  for (std::size_t i = 0; i < spec_.tables.size(); ++i) {
    const adapter::SourceTable& wanted = spec_.tables[i];
    names.push_back(full_name(session, wanted.table));
    auto found = find_table(session, wanted.table);
    broken_[i].clear();
    if (!found) {
      broken_[i] = "table " + wanted.table + " is gone";
    } else if (found->kind != "BASE TABLE") {
      broken_[i] = wanted.table + " is a " + found->kind + ": its rows are not in the binary log as they are";
    }
    for (const auto* columns : {&wanted.columns, &wanted.old_columns})
      for (const std::string& name : *columns) {
        const CatalogColumn* column = found ? found->find(name) : nullptr;
        if (!broken_[i].empty()) continue;
        if (column == nullptr)
          broken_[i] = "table " + wanted.table + " lacks the column " + name;
        else if (column->form == Form::unsupported)
          broken_[i] = "column " + name + " is " + column->column_type;
      }
    changes_.set_catalog(i, std::move(found));
  }
  changes_.set_names(std::move(names));
}

void LogReader::add_lasting(Changes& changes) const {
  for (std::size_t i = 0; i < broken_.size(); ++i)
    if (!broken_[i].empty()) changes.events.push_back({i, TableEventKind::schema_changed, broken_[i], {}});
}

LogVerdict LogReader::open(Session& session, const LogPosition& from) {
  close();
  server_.look(session);
  LogVerdict verdict = server_.check(from, "the checkpoint");
  if (verdict.continuity != Continuity::good) return verdict;
  look_at_tables(session);
  parser_ = {};
  from_ = from;
  last_ = from.identity;
  file_ = from.identity.resume_file;
  offset_ = from.identity.resume_offset;
  created_ = server_.created(file_);
  stream_ = std::make_unique<BinlogStream>(spec_.connection, server_.name_of(file_), offset_, own_server_id(spec_));
  return verdict;
}

Changes LogReader::read(Session& session, const SourcePosition& after, const SourcePosition& high_water,
                        const adapter::ReadLimits& limits, Micros wait) {
  Changes changes;
  const auto from = decode_log(after);
  if (!from) {
    changes.continuity = Continuity::gap;
    changes.reason = "nothing was read from this source before";
    return changes;
  }
  const auto high = decode_log(high_water);
  LogVerdict verdict = check(session, *from, after, high);
  if (verdict.continuity == Continuity::good) {
    try {
      verdict = fill(session, *from, high, limits, wait);
    } catch (const Error&) {
      close();
      throw;
    }
  }
  if (verdict.continuity != Continuity::good) {
    close();
    changes.continuity = verdict.continuity;
    changes.reason = verdict.reason;
    return changes;
  }
  add_lasting(changes);
  changes.events.insert(changes.events.end(), events_.begin(), events_.end());
  events_.clear();
  changes.tables = changes_.take();
  const LogPosition now = position();
  changes.position = now.place > from->place ? encode(now) : after;
  changes.more = is_full_ || !is_at_end();
  given_ = changes.position;
  return changes;
}

LogVerdict LogReader::check(Session& session, const LogPosition& from, const SourcePosition& after,
                            const std::optional<LogPosition>& high) {
  const bool is_new = !stream_ || !(given_ == after);
  if (is_new)
    if (LogVerdict verdict = open(session, from); verdict.continuity != Continuity::good) return verdict;
  if (!high || high->place <= from.place) return {};
  if (!is_new) server_.look(session);
  LogVerdict verdict = server_.check(*high, "what a snapshot has seen");
  // An XA transaction before it does not matter for what it has seen.
  return verdict.continuity == Continuity::gap ? LogVerdict{} : verdict;
}

LogVerdict LogReader::fill(Session& session, const LogPosition& from, const std::optional<LogPosition>& high,
                           const adapter::ReadLimits& limits, Micros wait) {
  const Micros deadline = clock_.steady() + wait;
  const bool any_broken = std::any_of(broken_.begin(), broken_.end(), [](const auto& text) { return !text.empty(); });
  if (any_broken && clock_.steady() - looked_at_ > look_again) look_at_tables(session);
  is_full_ = false;
  for (;;) {
    end_ = server_.end(session);
    // Begun anew under us (RESET MASTER).
    if (end_ < LogPlace{file_, offset_, 0})
      if (LogVerdict verdict = open(session, from); verdict.continuity != Continuity::good) return verdict;
    advance(session, limits);
    if (is_full_ || changes_.rows() > 0 || !events_.empty()) return {};
    if (high && high->place > from.place && position().place >= high->place) return {};
    const Micros left = deadline - clock_.steady();
    if (left <= 0) return {};
    // What wakes us may be a sign of life only; it is taken, so that it does not wake us again.
    if (stream_->wait(left)) process(session, parser_.parse(stream_->next()));
  }
}

LogPosition LogReader::position() const {
  LogPosition now;
  now.place = group_ && !group_->silent ? group_->begin : LogPlace{file_, offset_, 0};
  if (group_ && !group_->silent) now.place.ordinal = std::max(group_->ordinal, group_->skip);
  now.identity = last_;
  now.identity.server = server_.server();
  now.identity.created = created_;
  LogPlace resume{now.place.file, now.place.offset, 0};
  for (const auto& [xid, held] : held_) resume = std::min(resume, held.place);
  now.identity.resume_file = resume.file;
  now.identity.resume_offset = resume.offset;
  return now;
}

// Until the chunk is full, something is to be told, or the end that was asked for is reached.
void LogReader::advance(Session& session, const adapter::ReadLimits& limits) {
  while (!is_full_) {
    if (cursor_) {
      take_rows(limits);
    } else if (!queue_.empty()) {
      const HeldEvent held = std::move(queue_.front());
      queue_.pop_front();
      Event event = held.event;
      event.body = held.body;
      if (event.type == EventType::table_map)
        process_table(event);
      else
        process_rows(event);
    } else if (group_ && !group_->finishing.empty()) {
      end_group();
    } else if (is_at_end()) {
      return;
    } else {
      process(session, parser_.parse(stream_->next()));
    }
  }
}

void LogReader::process(Session& session, const Event& event) {
  if (event.type == EventType::heartbeat) return;
  if (event.type == EventType::rotate) {
    const RotateEvent rotate = parse_rotate(event);
    const std::uint32_t file = log_file_of(rotate.file).number;
    if (file == file_) return;
    file_ = file;
    offset_ = rotate.place;
    created_ = 0;
    return;
  }
  if (event.type == EventType::format_description) {
    if (created_ == 0 || !event.is_artificial()) created_ = event.timestamp;
    // The server stopped in the middle of it, and took it back.
    if (group_ && !event.is_artificial()) {
      tell_group("the server stopped in the middle of a transaction");
      group_.reset();
    }
  }
  if (event.type == EventType::gtid) {
    process_gtid(event);
  } else if (group_) {
    process_in_group(session, event);
  }
  if (event.is_artificial()) return;
  // Offsets are logged with 32 bits; a group may pass them.
  const std::uint64_t low = event.next;
  offset_ = (offset_ >> 32U << 32U | low) + (low < (offset_ & UINT32_MAX) ? 1ULL << 32U : 0);
  if (event.type == EventType::incident) tell_all("the server lost events of its binary log");
}

void LogReader::process_gtid(const Event& event) {
  Group group;
  group.begin = {file_, offset_, 0};
  group.gtid = parse_gtid(event);
  group.origin = event.server;
  group.time = event.timestamp;
  const LogPlace from{from_.place.file, from_.place.offset, 0};
  group.silent = group.begin < from;
  group.skip = group.begin == from ? from_.place.ordinal : 0;
  group_ = std::move(group);
  tables_.clear();
  told_in_group_.clear();
  if (group_->gtid.xa_prepared) held_[group_->gtid.xid] = {group_->begin, {}, 0, false};
}

void LogReader::process_in_group(Session& session, const Event& event) {
  switch (event.type) {
    case EventType::table_map:
      if (group_->gtid.xa_prepared) return hold(event);
      if (!group_->silent) process_table(event);
      return;
    case EventType::query:
    case EventType::query_compressed:
    case EventType::execute_load_query: return process_query(session, event);
    case EventType::xid: return end_group();
    case EventType::xa_prepare:
      // Committed in one phase: nothing is held back, and what was held is read now.
      if (is_one_phase(event)) return decide(StatementKind::commit);
      return end_group();
    case EventType::intvar:
    case EventType::rand:
    case EventType::user_variable:
    case EventType::begin_load_query:
    case EventType::append_block:
    case EventType::delete_file:
    case EventType::ignorable:
    case EventType::rows_query:
    case EventType::annotate_rows:
    case EventType::checkpoint:
    case EventType::stop:
    case EventType::gtid_list:
    case EventType::start_encryption:
    case EventType::incident: return;
    default: break;
  }
  if (!rows_kind_of(event.type)) {
    if (event.may_be_ignored()) return;
    throw Error(ErrorKind::corrupt, "QZ-MY-015",
                "the binary log holds an event of kind " + std::to_string(static_cast<unsigned>(event.type)) +
                    ", which is not known");
  }
  if (group_->gtid.xa_prepared) return hold(event);
  process_rows(event);
}

void LogReader::hold(const Event& event) {
  constexpr std::size_t most_held = 64U << 20U;
  if (event.type == EventType::table_map && !changes_.is_ours(parse_table_name(event.body))) return;
  Held& held = held_[group_->gtid.xid];
  if (held.too_large) return;
  held.octets += event.body.size();
  held_octets_ += event.body.size();
  held.events.push_back({event, std::string(event.body)});
  if (held_octets_ <= most_held) return;
  held_octets_ -= held.octets;
  held.events.clear();
  held.too_large = true;
}

// XA COMMIT or XA ROLLBACK of the group's transaction.
void LogReader::decide(StatementKind kind) {
  const auto held = held_.find(group_->gtid.xid);
  if (kind == StatementKind::commit && !group_->silent) {
    if (held == held_.end()) {
      tell_all("an XA transaction was committed whose rows were logged before this source was read");
    } else if (held->second.too_large) {
      tell_all("an XA transaction was committed that was too large to hold until then");
    } else {
      queue_ = held->second.events;
      group_->finishing = group_->gtid.xid;
      return;
    }
  }
  if (held != held_.end()) {
    held_octets_ -= held->second.too_large ? 0 : held->second.octets;
    held_.erase(held);
  }
  end_group();
}

void LogReader::end_group() {
  if (const auto held = held_.find(group_->finishing); !group_->finishing.empty() && held != held_.end()) {
    held_octets_ -= held->second.octets;
    held_.erase(held);
  }
  last_.domain = group_->gtid.domain;
  last_.origin = group_->origin;
  last_.sequence = group_->gtid.sequence;
  last_.time = group_->time;
  group_.reset();
  tables_.clear();
  told_in_group_.clear();
}

void LogReader::process_query(Session& session, const Event& event) {
  const QueryEvent query = parse_query(event);
  const std::vector<Word> words = words_of(query.text);
  const StatementKind kind = kind_of(words);
  if (group_->gtid.xa_decided) return decide(kind);
  if (!group_->silent && !group_->own) process_statement(session, query, kind, words);
  const bool decided = kind == StatementKind::commit || kind == StatementKind::rollback;
  if (decided || group_->gtid.standalone) end_group();
}

void LogReader::process_statement(Session& session, const QueryEvent& query, StatementKind kind,
                                  const std::vector<Word>& words) {
  switch (kind) {
    case StatementKind::begin:
    case StatementKind::commit:
    case StatementKind::nothing: return;
    // Tables that know no transactions keep what others take back.
    case StatementKind::rollback:
    case StatementKind::rollback_to: return tell_group("a transaction was taken back after its rows were logged");
    default: break;
  }
  bool ours = false;
  for (std::size_t i = 0; i < spec_.tables.size(); ++i) {
    const auto& [schema, name] = changes_.name_of(i);
    const bool named = names_table(words, query.schema, schema, name);
    if (named && kind == StatementKind::truncate) {
      tell(i, TableEventKind::truncated, "TRUNCATE");
    } else if (kind == StatementKind::rows) {
      // A view, a trigger or a procedure may stand between: what runs in our schema counts for all of its tables.
      if (named || names_schema({{query.schema, false}}, schema) || names_schema(words, schema))
        tell(i, TableEventKind::unseen_changes, "a statement was logged as text: binlog_format was not ROW");
    } else if (kind == StatementKind::definition) {
      const bool drops_schema = names_schema(words, schema) && !keeps_rows(words) && words.size() < 8 &&
                                !words.empty() && names_schema({words[0]}, "DROP");
      if (named || drops_schema) ours = true;
      if ((named && !keeps_rows(words)) || drops_schema)
        tell(i, TableEventKind::unseen_changes, "the table was altered, replaced or renamed");
    }
  }
  if (ours) look_at_tables(session);
}

void LogReader::process_table(const Event& event) {
  const LoggedTable name = parse_table_name(event.body);
  if (group_->first_table && name.name == mark_table) group_->own = true;
  group_->first_table = false;
  if (group_->own || !changes_.is_ours(name)) {
    tables_.erase(name.id);
    return;
  }
  KnownTable known;
  known.logged = parse_table(event.body);
  known.feeds = changes_.feeds_of(known.logged);
  tables_[name.id] = std::move(known);
}

void LogReader::process_rows(const Event& event) {
  const std::uint64_t number = group_->event++;
  if (group_->silent || group_->own) return;
  group_->ordinal = number << row_bits;
  if (number < group_->skip >> row_bits) return;
  const auto table = tables_.find(rows_table_of(event));
  if (table == tables_.end()) return;
  cursor_table_ = &table->second;
  cursor_ = std::make_unique<RowsCursor>(event, table->second.logged);
}

void LogReader::take_rows(const adapter::ReadLimits& limits) {
  const adapter::ChangeMeta meta{Operation::upsert, group_->gtid.sequence, Micros{group_->time} * second};
  const std::uint64_t number = (group_->event - 1) << row_bits;
  while (cursor_->next()) {
    group_->ordinal = number | cursor_->taken();
    if (group_->ordinal <= group_->skip) continue;
    for (const Feed& feed : cursor_table_->feeds) {
      if (!feed.problem.empty())
        tell(feed.table, TableEventKind::unseen_changes, feed.problem);
      else if (!changes_.append(feed, cursor_table_->logged, *cursor_, meta))
        tell(feed.table, TableEventKind::unseen_changes,
             "a row was logged without all of its columns: binlog_row_image was not FULL");
    }
    if (changes_.rows() >= limits.rows || changes_.octets() >= limits.octets) is_full_ = true;
    if (is_full_) return;
  }
  cursor_.reset();
  cursor_table_ = nullptr;
}

// The chunk ends with what is told, so that it takes effect at its place.
void LogReader::tell(std::size_t table, TableEventKind kind, const std::string& detail) {
  if (!told_in_group_.emplace(table, detail).second) return;
  events_.push_back({table, kind, detail, {}});
  is_full_ = true;
}

void LogReader::tell_all(const std::string& detail) {
  for (std::size_t i = 0; i < spec_.tables.size(); ++i) tell(i, TableEventKind::unseen_changes, detail);
}

void LogReader::tell_group(const std::string& detail) {
  for (const auto& [id, known] : tables_)
    for (const Feed& feed : known.feeds) tell(feed.table, TableEventKind::unseen_changes, detail);
}

}  // namespace qianzhi::mysql
