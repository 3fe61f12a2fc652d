#include "adapters/postgresql/log_reader.h"

#include <algorithm>

#include "adapters/postgresql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

using adapter::Changes;
using adapter::Continuity;
using adapter::TableEventKind;

constexpr Micros check_interval = 10'000'000;
constexpr Micros slot_patience = 30'000'000;
constexpr Micros half_grace = 1'000'000;
constexpr std::size_t unseen_limit = 65'536;
constexpr std::size_t messages_a_look = 256;  // at the clock
// What the target side writes first in each of its transactions (pitfall 31).
constexpr std::string_view echo_prefix = "qianzhi";
constexpr std::string_view echo_content = "apply";

// A stream that failed half-way must not be read on: what it gave is not counted yet.
class CloseUnlessDone {
 public:
  explicit CloseUnlessDone(LogReader& reader) : reader_(reader) {}
  ~CloseUnlessDone() {
    if (!done_) reader_.close();
  }
  CloseUnlessDone(const CloseUnlessDone&) = delete;
  CloseUnlessDone& operator=(const CloseUnlessDone&) = delete;
  void done() { done_ = true; }

 private:
  LogReader& reader_;
  bool done_ = false;
};

}  // namespace

LogReader::LogReader(const adapter::SourceSpec& spec, const Clock& clock)
    : spec_(spec), clock_(clock), name_(own_name(spec.name)) {}

LogReader::~LogReader() = default;

void LogReader::looked(std::size_t table, const std::vector<Oid>& types) {
  types_.resize(spec_.tables.size());
  types_.at(table) = types;
  if (builder_) builder_->looked(table, types);
}

void LogReader::close() {
  stream_.reset();
  transaction_.reset();
  events_.clear();
  later_.clear();
  if (builder_) builder_->take();
}

void LogReader::ensure_slot(Session& session) {
  const auto slot = find_slot(session, name_);
  if (slot && !slot->lost) return;
  close();
  ReplicationStream commands(spec_.connection, clock_);
  if (slot) commands.drop_slot(name_);
  // A slot made before its publication can never be read (pitfall 9).
  if (!has_publication(session, name_))
    throw Error(ErrorKind::misuse, "QZ-PG-023", "there is no publication " + name_ + " in this database");
  commands.create_slot(name_, slot_patience);
}

bool LogReader::stands_at(const SourcePosition& after) const {
  if (!stream_) return false;
  const auto place = decode(after);
  // Between these two nothing was given out, so they are the same place to us.
  return place && place->place >= given_ && place->place <= stands_.place;
}

Changes LogReader::read(Session& session, const SourcePosition& after, const SourcePosition& high_water,
                        const adapter::ReadLimits& limits, Micros wait) {
  const Micros deadline = clock_.steady() + wait;
  CloseUnlessDone guard(*this);
  continuity_ = Continuity::good;
  reason_.clear();
  if (!stands_at(after)) open(session, after, high_water);
  std::vector<adapter::TableEvent> events;
  if (continuity_ == Continuity::good) events = check_tables(session);
  if (continuity_ == Continuity::good) builder_->add_lasting(events);
  if (continuity_ == Continuity::good && clock_.steady() >= next_check_) {
    next_check_ = clock_.steady() + check_interval;
    check_retained(session);
  }
  if (continuity_ == Continuity::good) collect(session, limits, deadline);
  if (continuity_ != Continuity::good) {
    Changes stopped;
    stopped.continuity = continuity_;
    stopped.reason = reason_;
    return stopped;
  }
  if (unseen_.size() > unseen_limit) {
    const Result now = session.run("SELECT pg_current_snapshot()", "taking a snapshot");
    const Visibility snapshot(now.view(0, 0));
    std::erase_if(unseen_, [&](std::uint32_t xid) { return snapshot.sees(xid); });
  }
  const bool more = transaction_.has_value() || !later_.empty() || builder_->rows() >= limits.rows ||
                    builder_->octets() >= limits.octets;
  Changes changes = finish(more, std::move(events));
  guard.done();
  return changes;
}

Changes LogReader::finish(bool more, std::vector<adapter::TableEvent> events) {
  Changes changes;
  changes.tables = builder_->take();
  changes.events = std::move(events);
  changes.events.insert(changes.events.end(), events_.begin(), events_.end());
  events_.clear();
  if (!changes.tables.empty() || !changes.events.empty()) given_ = stands_.place;
  changes.position = encode(stands_);
  changes.more = more;
  return changes;
}

void LogReader::collect(Session& session, const adapter::ReadLimits& limits, Micros deadline) {
  if (!later_.empty()) {
    for (auto& event : later_) events_.push_back(std::move(event));
    later_.clear();
    move_to(later_place_);
    return;
  }
  std::size_t messages = 0;
  while (continuity_ == Continuity::good && later_.empty() && builder_->rows() < limits.rows &&
         builder_->octets() < limits.octets) {
    const bool has_something = builder_->rows() > 0 || !events_.empty();
    // A whole transaction is given out at once. One that is half here will go on, so a chunk is filled even if that
    // takes a little longer than asked.
    Micros until = deadline;
    if (has_something) until = transaction_ ? deadline + half_grace : 0;
    const auto received = stream_->receive(until);
    if (received == ReplicationStream::Received::nothing) return;
    if (received == ReplicationStream::Received::no_publication) return on_missing_publication(session);
    if (received == ReplicationStream::Received::keepalive) {
      on_keepalive(stream_->log_end());
    } else {
      on_message(stream_->payload());
    }
    if (++messages % messages_a_look == 0 && clock_.steady() >= std::max(until, deadline)) return;
  }
}

void LogReader::on_message(std::string_view message) {
  switch (kind_of(message)) {
    case MessageKind::begin: return on_begin(parse_begin(message));
    case MessageKind::commit: return on_commit(parse_commit(message));
    case MessageKind::relation: return builder_->relation(parse_relation(message), events_);
    case MessageKind::insert:
    case MessageKind::update:
    case MessageKind::remove: return on_row(kind_of(message), message);
    case MessageKind::truncate: return on_truncate(parse_truncate(message));
    case MessageKind::message: {
      const LogicalMessage logical = parse_logical_message(message);
      if (transaction_ && logical.transactional && logical.prefix == echo_prefix && logical.content == echo_content)
        transaction_->is_own = true;
      return;
    }
    case MessageKind::origin:
    case MessageKind::type: return;
  }
}

void LogReader::on_begin(const BeginMessage& begin) {
  if (expected_ && begin.commit >= expected_->commit) {
    if (begin.commit != expected_->commit || begin.xid != expected_->xid || begin.commit_time != expected_->commit_time)
      return stop(Continuity::regressed,
                  "the last transaction that was read is not in the log any more, or is another");
    expected_.reset();
  }
  OpenTransaction transaction;
  transaction.begin = begin;
  transaction.is_known = begin.commit < skip_.lsn;
  if (begin.commit == skip_.lsn) transaction.known = skip_.ordinal;
  transaction_ = transaction;
  unseen_.insert(begin.xid);
}

void LogReader::on_commit(const CommitMessage& commit) {
  if (!transaction_ || transaction_->begin.commit != commit.commit)
    throw Error(ErrorKind::corrupt, "QZ-PG-015", "a commit without its begin in the replication stream");
  move_to({commit.end, 0});
  transaction_.reset();
}

void LogReader::on_row(MessageKind kind, std::string_view message) {
  if (!transaction_) throw Error(ErrorKind::corrupt, "QZ-PG-015", "a row outside a transaction");
  if (transaction_->is_known || transaction_->is_own) return;
  parse_row(message, row_);
  if (!builder_->is_ours(row_.relation)) return;
  if (++transaction_->ordinal <= transaction_->known) return;
  const adapter::ChangeMeta meta{Operation::upsert, transaction_->begin.xid, transaction_->begin.commit_time};
  builder_->row(kind, row_, meta, events_);
  move_to({transaction_->begin.commit, transaction_->ordinal});
}

void LogReader::on_truncate(const TruncateMessage& truncate) {
  if (!transaction_) throw Error(ErrorKind::corrupt, "QZ-PG-015", "a TRUNCATE outside a transaction");
  if (transaction_->is_known || transaction_->is_own) return;
  std::vector<adapter::TableEvent> events;
  for (const Oid relation : truncate.relations)
    for (const std::size_t table : builder_->tables_of(relation))
      events.push_back({table, TableEventKind::truncated, "TRUNCATE of " + spec_.tables[table].table});
  if (events.empty() || ++transaction_->ordinal <= transaction_->known) return;
  later_ = std::move(events);
  later_place_ = {transaction_->begin.commit, transaction_->ordinal};
}

void LogReader::on_keepalive(Lsn end) {
  if (transaction_) return;
  if (expected_ && end > expected_->commit)
    return stop(Continuity::regressed, "the log passed the place of the last transaction that was read without it");
  if (end > stands_.place.lsn) stands_.place = {end, 0};
}

void LogReader::move_to(LogPlace place) {
  if (place <= stands_.place) return;
  stands_.place = place;
  if (!transaction_) return;
  stands_.identity.commit = transaction_->begin.commit;
  stands_.identity.xid = transaction_->begin.xid;
  stands_.identity.commit_time = transaction_->begin.commit_time;
  stands_.identity.server_start = 0;
}

void LogReader::stop(Continuity continuity, std::string reason) {
  continuity_ = continuity;
  reason_ = std::move(reason);
}

std::optional<LogPosition> LogReader::given() const {
  if (!stream_) return std::nullopt;
  return stands_;
}

bool LogReader::all_visible(const Visibility& snapshot) {
  std::erase_if(unseen_, [&](std::uint32_t xid) { return snapshot.sees(xid); });
  return unseen_.empty();
}

void LogReader::forget(const LogPosition& position) {
  if (stream_) stream_->confirm(position.place.lsn);
}

}  // namespace qianzhi::postgresql
