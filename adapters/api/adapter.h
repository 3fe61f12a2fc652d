// What a database must be able to do to take part. The same interface stands on both sides of the adapter's process
// boundary: adapter_main serves it, the agent's proxy implements it, tests call it directly. ADAPTERS.md specifies the
// protocol between the two.
//
// Threads: an object belongs to one thread at a time. Errors: qianzhi::Error; unavailable when the database is away
// (the object may be used again, it reconnects by itself), misuse when rights, tables or settings are wrong.
// Nothing here ever runs DDL; plan_*() returns SQL text for the DBA.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/model/rows.h"
#include "hub-protocol/model/source.h"
#include "hub-protocol/model/stream.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::adapter {

// How to reach the database. Secrets never appear in errors, logs or plans.
struct Connection {
  std::map<std::string, std::string> options;  // sqlite: file; postgresql: dsn (libpq keywords), service
  std::map<std::string, std::string> secrets;  // postgresql: password
};

struct ColumnInfo {
  std::string name;
  std::string native_type;
  ItemType type = ItemType::text;  // nearest
  bool nullable = true;
};

struct TableInfo {
  std::string name;  // "schema.table" or "table"
  std::vector<ColumnInfo> columns;
  std::vector<std::string> key;  // primary key, or empty
  std::int64_t rows = -1;        // estimate; -1: unknown
  std::string instance = {};     // another table of the same name has another one; empty: unknown
};

struct Capabilities {
  bool log = false;
  bool journal = false;
  bool snapshot = false;
  bool write = false;
  bool watermark = false;
  bool digests = false;
  bool canary = false;  // SourceSpec::canary and Source::beat()
  bool lookup = false;  // open_lookup()
};

enum class Severity { ok, notice, warning, error };

// One line of a preflight: what was looked at, what was found and the SQL or command that cures it.
struct Finding {
  Severity severity = Severity::ok;
  std::string code;    // QZ-...; empty for ok
  std::string detail;  // English, without secrets
  std::string cure;    // SQL or command; empty if none is needed
};

// SQL for a DBA to read and run; each text is a complete script with comments that say what, why, which locks.
struct Plan {
  std::string install;
  std::string grants;
  std::string uninstall;
  // One query: a row "KIND NAME" for each thing of ours that is there. After uninstalling it must give none. Empty:
  // none is known for this database, or nothing is ever installed.
  std::string leftovers = {};
};

// ---- source ------------------------------------------------------------------------------------------------------

enum class CaptureMode {
  log,
  journal,
  snapshot_only,
  watermark,  // rows whose watermark lies in the next fence; never a remove, and `old` is all unchanged
};

struct SourceTable {
  std::string table;
  std::vector<std::string> columns;      // to read, in this order; key columns are among them
  std::vector<std::string> key;          // unique and not null
  std::vector<std::string> old_columns;  // whose value before the change is needed too (partition and filter columns)
  // Watermark mode: a column that each insert and update sets and that counts alike in every table of the source, such
  // as the transaction's number or the server's time; so one fence holds for all of them: a value below it comes no
  // more, whatever is still to be committed (P26). Positions move from fence to fence, and within one from table to
  // table and row to row. A source must not mix kinds of watermark.
  std::string watermark = {};
};

// Columns of a canary table. It has one row, whose id is canary_row.
inline constexpr const char* canary_id = "id";
inline constexpr const char* canary_beat = "beat";
inline constexpr int canary_row = 1;
inline constexpr std::size_t longest_beat = 64;  // octets of ASCII

struct SourceSpec {
  Connection connection;
  std::string name;  // [a-z0-9_]+, unique among the agents of this database: names slot, journal and publication
  CaptureMode mode = CaptureMode::journal;
  std::vector<SourceTable> tables;
  std::int64_t retained_log_ceiling = 0;  // octets of log held for us at which we give up; 0: none (log mode)
  // Name of the table in `tables` that is ours alone, made by the plan: columns id and beat, key id. What beat() writes
  // there must come back as any change does; nothing of it is ever published. Empty: none. Log and journal only.
  std::string canary = {};

  // Index of the canary in tables; none: tables.size().
  std::size_t canary_table() const;
};

struct ChangeMeta {
  Operation operation = Operation::upsert;  // upsert or remove
  std::uint64_t transaction = 0;
  Micros source_time = 0;  // 0: unknown
};

// Changes of one table, in commit order. columns[i] belongs to SourceTable::columns[i], old[i] to old_columns[i].
// remove: key columns hold the old key, other columns are unchanged. old: the value before the change; unchanged means
// "as after the change"; null for a new row is written as unchanged too. A changed key comes as remove, then upsert.
struct TableChanges {
  std::size_t table = 0;  // in SourceSpec::tables
  std::vector<ChangeMeta> meta;
  std::vector<Column> columns;
  std::vector<Column> old;
};

enum class Continuity {
  good,
  gap,        // the source forgot changes that were never read: R2.2.1, cured by rebase (R2.5)
  regressed,  // the source is an older copy of itself, or another one: R2.2.3-5, an operator confirms
};

enum class TableEventKind {
  truncated,       // every row is gone without row changes
  schema_changed,  // a listed column changed or vanished; capture of this table stops
  unseen_changes,  // trigger missing or disabled, bulk load: rows may have changed unseen; refill cures it
  attention,       // a person should look; capture goes on
  reshaped,        // rows from here on have another shape, and are read by that: look() before they are used. Told once
};

// Told at every read while its cause lasts, so that an agent that crashed learns of it: act on the first, and on each
// after a cure. A cause that lasts ends the wait of read_changes() only once.
struct TableEvent {
  std::size_t table = 0;
  TableEventKind kind = TableEventKind::truncated;
  std::string detail;
  std::string code = {};  // QZ-..., of attention
};

struct ReadLimits {
  std::size_t rows = 2000;
  std::size_t octets = 1U << 20U;  // passed by at most one row
};

// A table was looked at as a whole (a full file, a whole walk); what had changed was given out, by this read or before.
// Told at every read while it is the newest look, so that an agent that crashed learns of it.
struct TableLook {
  std::size_t table = 0;
  std::int64_t at = 0;  // tells one look from the one before: a time, or a count; not 0
};

struct Changes {
  Continuity continuity = Continuity::good;  // if not good: nothing else is set but reason
  std::string reason;
  std::vector<TableChanges> tables;
  std::vector<TableEvent> events;
  SourcePosition position;  // after the last row; also moves when there was nothing for us
  bool more = false;        // something is known to wait behind it
  std::vector<TableLook> looks = {};
};

struct SnapshotChunk {
  std::vector<Column> columns;  // as SourceTable::columns; rows in key order
  Bytes cursor;                 // pass to the next call
  bool done = false;            // no row is left
  SourcePosition position;      // present position, read in the chunk's own database snapshot (R4.4)
  // snapshot_only, where the database itself can say what stands for a row's values: one text a row, the same as long
  // as they are the same. Else empty.
  Column digest = {};
};

class Source {
 public:
  virtual ~Source() = default;

  // Where the source is now. In log mode makes sure first that the slot exists.
  virtual SourcePosition present() = 0;

  // Changes after `after`, at most one chunk. Checks R2.2 in the same snapshot as the read. high_water may be none.
  // Waits up to wait for something to come; an empty good result is normal.
  virtual Changes read_changes(const SourcePosition& after, const SourcePosition& high_water, const ReadLimits& limits,
                               Micros wait) = 0;

  // The source may forget everything up to here: only a stored checkpoint is ever passed (R2.1, R2.4). Cheap when
  // called often.
  virtual void forget(const SourcePosition& position) = 0;

  // Of a source with SourceSpec::canary: writes the text into the canary's row, in a transaction of its own, with short
  // timeouts, and so that it is captured as a change of the department's would be. The only write that a source makes
  // beside forget(). Throws misuse QZ-ADP-025 if the row or the right is missing; unavailable, after which it may have
  // been written all the same. text: printable ASCII, at most longest_beat octets.
  virtual void beat(const std::string& text);

  // Rows of a table in key order after the cursor (empty: from the start).
  virtual SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor, const ReadLimits& limits) = 0;

  // Of a source with Capabilities::digests, in snapshot_only. As read_snapshot(), but of each row only key, old columns
  // and digest; other columns are unchanged.
  virtual SnapshotChunk read_digests(std::size_t table, const Bytes& cursor, const ReadLimits& limits) {
    return read_snapshot(table, cursor, limits);
  }
  // Likewise: the rows with these keys (columns as SourceTable::key), as far as they are there, with digests. done: all
  // were looked for; not done: the limits were reached, and the rest is not read.
  virtual SnapshotChunk read_keys(std::size_t table, const std::vector<Column>& keys, const ReadLimits& limits);

  // Reads only, writes nothing; lists everything that is missing.
  virtual std::vector<Finding> preflight() = 0;

  // These tables of the specification as they are now, in the order asked; one that is gone has no columns. From then
  // on they are read as what was returned: nothing is remembered of another shape (pitfall 28). count: with
  // TableInfo::rows, which may cost as much as a page. Cheap without. Empty: this source cannot say.
  virtual std::vector<TableInfo> look(const std::vector<std::size_t>& tables, bool count);

  // A descriptor on which the server sends by itself what will be asked for; -1: none. While nothing is asked,
  // take_input() is called when something is there: it takes that without waiting and without an error, which the next
  // call will tell, and returns false when it holds enough.
  virtual int input() const { return -1; }
  virtual bool take_input() { return false; }
};

inline std::size_t SourceSpec::canary_table() const {
  std::size_t index = 0;
  while (index < tables.size() && (canary.empty() || tables[index].table != canary)) ++index;
  return index;
}

inline void Source::beat(const std::string&) {
  throw Error(ErrorKind::misuse, "QZ-ADP-021", "this source has no canary");
}

inline SnapshotChunk Source::read_keys(std::size_t, const std::vector<Column>&, const ReadLimits&) { return {}; }
inline std::vector<TableInfo> Source::look(const std::vector<std::size_t>&, bool) { return {}; }

// ---- target ------------------------------------------------------------------------------------------------------

enum class ApplyMode { upsert, soft_delete, history };

// A received table holds the granted items and four columns of ours: qz_origin, qz_group, qz_seen (begin digest of the
// refill that last touched the row, R7.7 "seen") and, for soft_delete, qz_deleted. Primary key: the key columns.
// history: each applied change is also appended to `history_table` with its operation, epoch, sequence and ordinal.
struct TargetTable {
  std::string table;
  std::vector<Item> columns;  // column name = item id unless renamed by configuration (then Item::id is the column)
  std::vector<std::string> key;
  ApplyMode mode = ApplyMode::upsert;
  std::string history_table;
};

struct TargetSpec {
  Connection connection;
  std::string name;  // [a-z0-9_]+
  std::vector<TargetTable> tables;
};

// One row of qianzhi_mark: progress of one subscription in one stream. Only `head` is compared; state is opaque.
struct MarkRow {
  std::string subscription;
  std::string origin;
  Head head;
  Bytes state;
};

// Row operations in order. columns[i] belongs to TargetTable::columns[indexes[i]]; key columns are always among them.
// Presence unchanged keeps what the target has.
struct RowsStep {
  std::vector<RowMeta> meta;
  std::vector<Group> groups;  // one a row
  std::vector<std::size_t> indexes;
  std::vector<Column> columns;
  std::string seen;  // tag of the tracked refill, or empty
  Position batch;    // for history
};

struct Step {
  enum class Kind {
    rows,           // RowsStep
    keep_groups,    // settle (R7.4): remove rows of this origin whose group is not in `groups`
    clear_columns,  // settle: set these columns (indexes) to null in rows of this origin
    sweep,          // end of a refill (R7.7): remove rows of this origin in `groups` whose qz_seen is not `seen`
  };
  Kind kind = Kind::rows;
  RowsStep rows;
  GroupSet groups;
  std::vector<std::size_t> indexes;
  std::string seen;
};

// Everything of it happens in one database transaction, or nothing.
struct TargetTransaction {
  std::size_t table = 0;  // in TargetSpec::tables
  Head expected;          // mark row's head now; none: no mark row, or one whose head is none
  MarkRow next;           // mark row afterwards
  std::vector<Step> steps;
};

struct Rejection {
  std::size_t step = 0;
  std::size_t row = 0;
  std::string code;
  std::string detail;     // without row values
  bool may_heal = false;  // foreign key, unique: may succeed later (R7, quarantine "first wait")
};

struct ApplyResult {
  enum class State {
    committed,
    stale,    // the mark was not `expected`: nothing was done
    pending,  // some rows were rejected and undone alone; the transaction is open: store them, then commit()
  };
  State state = State::committed;
  std::vector<Rejection> rejections;
  std::uint64_t upserted = 0;
  std::uint64_t removed = 0;
  std::uint64_t dropped_partial = 0;  // R7.9: `unchanged` items for a key that the target lacks
};

class Target {
 public:
  virtual ~Target() = default;

  virtual std::vector<MarkRow> marks() = 0;

  // Commits at once unless a row was rejected. upsert of a key that another origin owns is rejected (rules section 11).
  // withheld: leaves the row, but removes it if its qz_group differs. Any row of this origin named by a RowsStep with
  // a tag gets that qz_seen. Sets the echo guard, so that our own writes are not captured as changes (pitfall 31).
  virtual ApplyResult apply(const TargetTransaction& transaction) = 0;
  // Ends a pending transaction. When commit() throws unavailable the outcome is unknown: read the mark.
  virtual void commit() = 0;
  virtual void rollback() = 0;

  // Rows of a received table in key order, with qz_origin and qz_group appended as the last two columns; for the
  // comparison of targets with sources and for lookup. Soft-deleted rows are left out.
  virtual SnapshotChunk read_rows(std::size_t table, const Bytes& cursor, const ReadLimits& limits) = 0;

  virtual std::vector<Finding> preflight() = 0;
};

// ---- adapter -----------------------------------------------------------------------------------------------------

class Lookup;
struct LookupSpec;

class Adapter {
 public:
  virtual ~Adapter() = default;
  virtual Capabilities capabilities() const = 0;
  virtual std::vector<TableInfo> describe(const Connection& connection) = 0;
  virtual std::unique_ptr<Source> open_source(const SourceSpec& spec) = 0;
  virtual std::unique_ptr<Target> open_target(const TargetSpec& spec) = 0;
  // lookup.h. Throws misuse QZ-ADP-021 without Capabilities::lookup, QZ-ADP-060 or -061 for a statement that can be no
  // question.
  virtual std::unique_ptr<Lookup> open_lookup(const LookupSpec& spec);
  // Without connecting.
  virtual Plan plan_source(const SourceSpec& spec) = 0;
  virtual Plan plan_target(const TargetSpec& spec) = 0;
};

}  // namespace qianzhi::adapter
