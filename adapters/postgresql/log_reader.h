// Reads one slot's changes from a place on: opening with the checks of R2.2, skipping what is known, chunks, and the
// events that stop or refill a table. One thread.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/change_builder.h"
#include "adapters/postgresql/replication.h"
#include "adapters/postgresql/slot.h"

namespace qianzhi::postgresql {

class LogReader {
 public:
  // spec and clock must outlive it.
  LogReader(const adapter::SourceSpec& spec, const Clock& clock);
  ~LogReader();

  // Makes the slot if it is missing or lost.
  void ensure_slot(Session& session);

  adapter::Changes read(Session& session, const SourcePosition& after, const SourcePosition& high_water,
                        const adapter::ReadLimits& limits, Micros wait);
  void forget(const LogPosition& position);
  // The newest entry of our tables in the publication, for positions that begin here.
  Oid published(Session& session) const;

  // As adapter::Source says.
  int input() const { return stream_ != nullptr ? stream_->input() : -1; }
  bool take_input() { return stream_ != nullptr && stream_->take_input(); }

  // How far changes have been given out, while a stream is open.
  std::optional<LogPosition> given() const;
  // The caller knows a table's columns to be of these types now; rows of other types are told.
  void looked(std::size_t table, const std::vector<Oid>& types);
  // P29: true if every transaction given out or passed over so far is visible there. A commit can be in the log, and
  // with us, before other sessions see it: always under a waiting synchronous standby.
  bool all_visible(const Visibility& snapshot);
  // Forget everything about the connection; the next read opens a new one.
  void close();

 private:
  struct OpenTransaction {
    BeginMessage begin;
    std::uint64_t ordinal = 0;  // changes of ours so far
    std::uint64_t known = 0;    // ordinals up to here were given out before
    bool is_known = false;      // all of it was given out before
    bool is_own = false;        // written by our own target side (pitfall 31)
  };

  bool stands_at(const SourcePosition& after) const;
  void open(Session& session, const SourcePosition& after, const SourcePosition& high_water);
  void check_continuity(Session& session, const ServerIdentity& server, const LogPosition& after,
                        const SourcePosition& high_water);
  std::vector<adapter::TableEvent> check_tables(Session& session);
  void check_retained(Session& session);
  void give_up_slot(const std::string& reason);
  void collect(Session& session, const adapter::ReadLimits& limits, Micros deadline);
  void on_missing_publication(Session& session);
  void on_message(std::string_view message);
  void on_begin(const BeginMessage& begin);
  void on_commit(const CommitMessage& commit);
  void on_row(MessageKind kind, std::string_view message);
  void on_truncate(const TruncateMessage& truncate);
  void on_keepalive(Lsn end);
  void move_to(LogPlace place);
  void stop(adapter::Continuity continuity, std::string reason);
  adapter::Changes finish(bool more, std::vector<adapter::TableEvent> events);

  const adapter::SourceSpec& spec_;
  const Clock& clock_;
  std::string name_;  // slot and publication
  std::unique_ptr<ReplicationStream> stream_;
  std::unique_ptr<ChangeBuilder> builder_;
  std::vector<std::vector<Oid>> types_;  // by table, as of the last look
  RowMessage row_;

  LogPosition stands_;                   // after everything given out or about to be
  LogPlace given_;                       // after the last thing given out that was more than a moved position
  LogPlace skip_;                        // what came with `after` when the stream was opened
  std::optional<LogIdentity> expected_;  // the last sealed commit, which must come again (R2.2)
  std::optional<OpenTransaction> transaction_;
  std::vector<adapter::TableEvent> events_;  // for this chunk
  std::vector<adapter::TableEvent> later_;   // truncations that begin the next chunk
  LogPlace later_place_;
  adapter::Continuity continuity_ = adapter::Continuity::good;
  std::string reason_;
  Micros next_check_ = 0;
  std::set<std::uint32_t> unseen_;  // xids given out or passed over and not yet seen by a snapshot
};

}  // namespace qianzhi::postgresql
