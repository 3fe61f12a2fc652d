#include "adapters/mysql/log_reader.h"

#include <algorithm>

#include "adapters/mysql/binlog_octets.h"
#include "adapters/mysql/values.h"
#include "adapters/sql/fingerprint.h"
#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::Changes;
using adapter::Continuity;
using adapter::TableEventKind;

constexpr Micros look_again = 5'000'000;  // at tables that cannot be read

// Of a number range that no replica is likely to have; the same for the same source, so that a clone is noticed.
std::uint32_t own_server_id(const adapter::SourceSpec& spec) {
  adapter::sql::Fingerprint print;
  print.add(spec.name);
  print.add(database_of(spec.connection));
  const Bytes octets = from_hex(print.hex().substr(0, 6));
  const std::uint64_t usual = 0x71000000U + Octets(octets).big(octets.size());
  return static_cast<std::uint32_t>(number_option(spec.connection, "server_id", usual, 1, UINT32_MAX));
}

}  // namespace

LogReader::LogReader(const adapter::SourceSpec& spec, const Clock& clock, Charsets& charsets)
    : spec_(spec),
      clock_(clock),
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

}  // namespace qianzhi::mysql
