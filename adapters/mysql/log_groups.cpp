// What comes of the events of the log, group by group.
#include <algorithm>

#include "adapters/mysql/log_reader.h"
#include "adapters/mysql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::TableEventKind;

constexpr Micros second = 1'000'000;
constexpr unsigned row_bits = 32;

}  // namespace

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
