// Opening the stream of a LogReader: the checks of R2.2 and what stops or repairs single tables.
#include <algorithm>

#include "adapters/postgresql/log_reader.h"
#include "adapters/postgresql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

using adapter::Continuity;
using adapter::TableEventKind;

std::vector<std::pair<std::string, std::string>> names_of(Session& session, const adapter::SourceSpec& spec) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& table : spec.tables) {
    auto [schema, name] = split_table(table.table);
    if (schema.empty()) {
      const auto found = find_table(session, table.table);
      schema = found ? found->schema : "public";
    }
    names.emplace_back(schema, name);
  }
  return names;
}

// A commit may wait for a standby after it is in the log and with us; how long, nobody knows.
bool has_synchronous_standby(Session& session) {
  return session.run("SELECT current_setting('synchronous_standby_names') <> ''", "reading a setting").truth(0, 0);
}

}  // namespace

void LogReader::open(Session& session, const SourcePosition& after, const SourcePosition& high_water) {
  close();
  if (!builder_) {
    builder_ = std::make_unique<ChangeBuilder>(spec_.tables, names_of(session, spec_));
    for (std::size_t table = 0; table < types_.size(); ++table) builder_->looked(table, types_[table]);
  }
  builder_->forget_relations();
  if (after.is_none()) ensure_slot(session);
  auto stream = std::make_unique<ReplicationStream>(spec_.connection, clock_);
  const ServerIdentity server = stream->identify();
  expected_.reset();
  LogPosition start = decode(after).value_or(LogPosition{});
  if (!after.is_none()) {
    check_continuity(session, server, start, high_water);
    if (continuity_ != Continuity::good) return;
  }
  const auto slot = find_slot(session, name_);
  if (!slot) throw Error(ErrorKind::unavailable, "QZ-PG-005", "slot " + name_ + " vanished while it was opened");
  if (after.is_none()) {
    start.place = {slot->confirmed, 0};
    start.identity.published = published(session);
  }
  start.identity.system = server.system;
  start.identity.timeline = server.timeline;
  stands_ = start;
  given_ = start.place;
  skip_ = start.place;
  // What was given out before by another process may be held back still.
  if (has_synchronous_standby(session))
    for (const auto xid : writing_transactions(session)) unseen_.insert(xid);
  stream->start(name_, name_, slot->confirmed);
  stream_ = std::move(stream);
  next_check_ = 0;
}

void LogReader::check_continuity(Session& session, const ServerIdentity& server, const LogPosition& after,
                                 const SourcePosition& high_water) {
  const LogPosition high = decode(high_water).value_or(after);
  for (const auto& seen : {after, high}) {
    if (seen.identity.system != server.system)
      return stop(Continuity::regressed, "this is another server: its system identifier differs");
    if (seen.identity.timeline != server.timeline)
      return stop(Continuity::regressed, "the server was promoted or restored: it is on timeline " +
                                             std::to_string(server.timeline) + ", not " +
                                             std::to_string(seen.identity.timeline));
    if (seen.place.lsn > server.flushed)
      return stop(Continuity::regressed, "the log ends at " + to_text_lsn(server.flushed) + ", before " +
                                             to_text_lsn(seen.place.lsn) + " that was read already");
  }
  const auto slot = find_slot(session, name_);
  if (!slot) return stop(Continuity::gap, "slot " + name_ + " is gone");
  if (slot->lost) return stop(Continuity::gap, "the server removed log that slot " + name_ + " still needed");
  if (slot->confirmed > after.place.lsn)
    return stop(Continuity::gap, "slot " + name_ + " stands at " + to_text_lsn(slot->confirmed) +
                                     ", beyond the checkpoint " + to_text_lsn(after.place.lsn) +
                                     ": it was made again or read by someone else");
  if (after.identity.commit != 0 && slot->confirmed <= after.identity.commit) expected_ = after.identity;
  // A snapshot's place is no commit that could be recognised. If the server was started since, its store may have been
  // replaced by a copy that never held what the snapshot showed (R2.2.5).
  if (high.place > after.place && high.identity.server_start != server_start(session))
    for (std::size_t table = 0; table < spec_.tables.size(); ++table)
      events_.push_back({table, TableEventKind::unseen_changes, "the server was restarted after a snapshot was read"});
}

// Nothing in the log tells that a table left the publication or came back.
std::vector<adapter::TableEvent> LogReader::check_tables(Session& session) {
  const std::vector<Coverage> coverage = find_coverage(session, name_, spec_.tables);
  std::vector<adapter::TableEvent> events;
  Oid newest = stands_.identity.published;
  for (std::size_t table = 0; table < coverage.size(); ++table) {
    const Coverage& now = coverage[table];
    const std::string& name = spec_.tables[table].table;
    if (!now.exists || !now.has_columns) {
      events.push_back({table, TableEventKind::schema_changed, name + " or a listed column of it is gone"});
    } else if (!now.covered) {
      events.push_back({table, TableEventKind::unseen_changes, "publication " + name_ + " does not cover " + name});
    } else if (now.entry > stands_.identity.published) {
      events.push_back({table, TableEventKind::unseen_changes, name + " was put into publication " + name_ + " anew"});
    }
    newest = std::max(newest, now.entry);
  }
  stands_.identity.published = newest;
  return events;
}

Oid LogReader::published(Session& session) const {
  Oid newest = 0;
  for (const Coverage& coverage : find_coverage(session, name_, spec_.tables))
    newest = std::max(newest, coverage.entry);
  return newest;
}

void LogReader::check_retained(Session& session) {
  if (spec_.retained_log_ceiling <= 0) return;
  const auto slot = find_slot(session, name_);
  if (!slot || slot->held <= spec_.retained_log_ceiling) return;
  give_up_slot("the server holds " + std::to_string(slot->held) + " octets of log for us, over the ceiling of " +
               std::to_string(spec_.retained_log_ceiling) + ": slot " + name_ + " was given up");
}

void LogReader::on_missing_publication(Session& session) {
  if (!has_publication(session, name_))
    throw Error(ErrorKind::misuse, "QZ-PG-023", "publication " + name_ + " was dropped");
  // The server looks the publication up as it was when the change was made; this slot will never get past that.
  give_up_slot("publication " + name_ + " was made again after slot " + name_ + ": the slot cannot be read any more");
}

void LogReader::give_up_slot(const std::string& reason) {
  close();
  ReplicationStream commands(spec_.connection, clock_);
  commands.drop_slot(name_);
  stop(Continuity::gap, reason);
}

}  // namespace qianzhi::postgresql
