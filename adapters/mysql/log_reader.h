// Reads changes from the binary log: where it stands, which transaction it is in, and what comes of its events.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/mysql/binlog_query.h"
#include "adapters/mysql/binlog_stream.h"
#include "adapters/mysql/log_changes.h"
#include "adapters/mysql/server_log.h"

namespace qianzhi::mysql {

class LogReader {
 public:
  // All must outlive it.
  LogReader(const adapter::SourceSpec& spec, const Clock& clock, Charsets& charsets);

  // session: a read session outside a transaction.
  adapter::Changes read(Session& session, const SourcePosition& after, const SourcePosition& high_water,
                        const adapter::ReadLimits& limits, Micros wait);
  LogPosition present(Session& session);
  // A place that the session's open snapshot has told, as a position.
  LogPosition position_at(Session& session, const LogPlace& place);

  // Another connection: nothing that was known of the server holds.
  void forget_server();

 private:
  void close();
  struct KnownTable {
    LoggedTable logged;
    std::vector<Feed> feeds;
  };
  struct HeldEvent {
    Event event;
    std::string body;
  };
  // An XA transaction that is prepared and not decided (pitfall 18).
  struct Held {
    LogPlace place;
    std::deque<HeldEvent> events;
    std::size_t octets = 0;
    bool too_large = false;  // its events were let go
  };
  struct Group {
    LogPlace begin;
    GtidEvent gtid;
    std::uint32_t origin = 0;
    std::uint32_t time = 0;
    bool silent = false;        // lies before the place that was asked after
    std::uint64_t skip = 0;     // ordinal up to which rows were given out
    std::uint64_t event = 0;    // events of rows so far
    std::uint64_t ordinal = 0;  // up to where rows are dealt with
    bool own = false;           // written by our own target
    bool first_table = true;
    std::string finishing;  // xid of the XA transaction whose held events are being read
  };

  LogVerdict open(Session& session, const LogPosition& from);
  LogVerdict check(Session& session, const LogPosition& from, const SourcePosition& after,
                   const std::optional<LogPosition>& high);
  LogVerdict fill(Session& session, const LogPosition& from, const std::optional<LogPosition>& high,
                  const adapter::ReadLimits& limits, Micros wait);
  void advance(Session& session, const adapter::ReadLimits& limits);
  void take_rows(const adapter::ReadLimits& limits);
  void process(Session& session, const Event& event);
  void process_gtid(const Event& event);
  void process_in_group(Session& session, const Event& event);
  void process_query(Session& session, const Event& event);
  void process_statement(Session& session, const QueryEvent& query, StatementKind kind, const std::vector<Word>& words);
  void process_table(const Event& event);
  void process_rows(const Event& event);
  void hold(const Event& event);
  void decide(StatementKind kind);
  void end_group();
  void tell(std::size_t table, adapter::TableEventKind kind, const std::string& detail);
  void tell_all(const std::string& detail);
  void tell_group(const std::string& detail);
  void look_at_tables(Session& session);
  void add_lasting(adapter::Changes& changes) const;
  LogPosition position() const;
  // A file whose begin is not read yet has more.
  bool is_at_end() const { return created_ != 0 && LogPlace{file_, offset_, 0} >= end_; }

  const adapter::SourceSpec& spec_;
  const Clock& clock_;
  LogChanges changes_;
  ServerLog server_;

  std::unique_ptr<BinlogStream> stream_;
  EventParser parser_;
  std::uint32_t file_ = 0;
  std::uint64_t offset_ = 0;
  std::uint32_t created_ = 0;  // of file_
  LogPlace end_;               // of the log, when it was asked for last
  LogPosition from_;
  SourcePosition given_;
  std::optional<Group> group_;
  LogIdentity last_;  // of the last group that ended
  std::map<std::uint64_t, KnownTable> tables_;
  std::unique_ptr<RowsCursor> cursor_;
  const KnownTable* cursor_table_ = nullptr;
  std::map<std::string, Held> held_;
  std::deque<HeldEvent> queue_;
  std::size_t held_octets_ = 0;

  std::vector<adapter::TableEvent> events_;
  std::set<std::pair<std::size_t, std::string>> told_in_group_;
  std::vector<std::string> broken_;  // by table: what lasts, or empty
  Micros looked_at_ = 0;
  bool is_full_ = false;
};

}  // namespace qianzhi::mysql
