// How each kind of database writes what differs, as data: texts and flags. In texts, {c} stands for a quoted column,
// {t} for a column's native type, {n} for a number; nothing else is ever put into them. Parameters are written as ?.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/model/topic.h"

namespace qianzhi::odbc {

// How the text of a value is turned into canonical text (values.h).
enum class Form : std::uint8_t { text, integer, decimal, real, date, timestamp, instant, boolean, bytes, other };
inline constexpr std::size_t form_count = 10;

// What an error of the server or driver means.
enum class Meaning : std::uint8_t {
  unknown,
  away,         // connection lost, server shutting down
  busy,         // lock, deadlock, timeout, serialization: the same again may work
  full,         // no space or no connection is left
  login,        // user or password
  rights,       // a right is missing
  missing,      // table, column or syntax
  corrupt,      // the database says that it is damaged
  no_driver,    // the driver cannot be loaded
  unique,       // a row: unique index or key
  foreign_key,  // a row: foreign key
  constraint,   // a row: anything else that is refused
  value,        // a row: out of the column's range
};

// A rule for errors: the first that fits decides. state: SQLSTATE or its beginning; native 0: any.
struct ErrorRule {
  std::string_view state;
  int native = 0;
  Meaning meaning = Meaning::unknown;
};

// A native type, in lower case, that begins with `word` has this form; the first that fits.
struct TypeRule {
  std::string_view word;
  Form form = Form::other;
};

struct FormTexts {
  std::string_view select;     // how the value is read as text
  std::string_view parameter;  // how such a text is compared with the column or written to it
};

// How a journal's entries are numbered and fenced (pitfall 26): only entries whose number is below the fence are read.
enum class FenceKind : std::uint8_t {
  none,         // one writer at a time: the order of the journal's sequence is that of the commits
  transaction,  // the writing transaction's number; the fence is read in the snapshot of the read
  time,         // the server's clock when the entry was written; the fence is the start of the oldest transaction
};

// Scripts for the DBA. {j} journal, {f} forgotten table, {g} trigger (a kind is added: {g_i}), {x} table, {l} its name
// as a literal, {n_k} {o_k} the key of the new and the old row as one text, {o_o} the old columns of the old row,
// {differs} and {same} compare the keys of both.
struct JournalTexts {
  bool offered = false;
  FenceKind fence = FenceKind::none;
  std::string_view fence_sql;  // one row, one number; {s}: a text that its own listing must show, else there is no row
  std::string_view tables;     // CREATE TABLE of both
  std::string_view first;      // fills the forgotten table's only row
  std::string_view new_row;    // "NEW.", ":NEW."
  std::string_view old_row;
  std::string_view show;    // {c}, not NULL, as text
  std::string_view differ;  // {o} and {n}, parts of a key, differ in an octet
  std::string_view same;    // {o} and {n} are parts of the same key
  std::string_view insert;  // CREATE TRIGGER ...
  std::string_view update;
  std::string_view remove;
  std::string_view more;       // further triggers: TRUNCATE, REPLACE
  std::string_view drop;       // of all triggers of a table
  std::string_view installed;  // notes that capture was installed here
  std::string_view drop_tables;
  std::string_view grants;        // {u}
  std::string_view table_grants;  // {u}, {x}; beside SELECT
  std::string_view entry;         // SELECT list: seq, tx, tbl, op, k, o, microseconds since 1970 UTC, salt; as text
  std::string_view triggers_sql;  // parameters schema or '', table: names of our triggers that are enabled
  std::string_view cascades_sql;  // parameters likewise: foreign keys that change rows without firing triggers
  bool remove_by_row = false;     // a statement that looks through the journal waits for open transactions
};

// What says up to where the marks of a column that the plan makes are settled (pitfall 26).
enum class MarkKind : std::uint8_t {
  none,    // nothing is known that does: no capture by a watermark
  fenced,  // the server tells it
  listed,  // the statements and transactions that are open when a mark is drawn must end: adapters/sql/open_writers.h
};

// In scripts: {x} table, {c} the column, {k} it and the key, {i} a name for an index, {w} a table of ours, {g_m} {g_n}
// {g_w} triggers and function, {x_same} a row of the table has the key of NEW.
struct WatermarkTexts {
  MarkKind kind = MarkKind::none;
  std::string_view kept_type;  // a column of this native type, whatever its name, is a mark that the server keeps
  std::string_view first;      // before the tables' scripts
  std::string_view install;    // a table's column, index and triggers
  std::string_view keep;       // what of it may be run again where the column is there
  std::string_view triggers;   // kinds of the triggers that a table must have
  std::string_view drop;
  std::string_view drop_last;
  std::string_view grants;            // {u}
  std::string_view table_grants;      // {u}, {x}
  std::string_view within;            // {c}, {l}, {u}: numbers
  std::string_view fence_sql;         // fenced: settled, and what no snapshot taken before shows from there on; {w}
  std::string_view draw_sql;          // listed: a mark
  std::string_view statements_sql;    // listed: session, microseconds since it began, 1 if it is of a replica
  std::string_view transactions_sql;  // listed: number, session, 1 for this very statement, known by the text {s}
  std::string_view server_sql;        // tells one server, or one history of it, from another; {w}
  std::string_view age_sql;           // a number that never gets less on one server
};

// How the database shows the plan of a query without running it.
enum class PlanKind : std::uint8_t {
  none,  // not to a session that only reads
  sqlite,
  mariadb,
  postgresql,
};

struct PlanTexts {
  PlanKind kind = PlanKind::none;
  std::string_view before;   // first statement: so that only what no index serves is read whole
  std::string_view explain;  // before the query
  std::string_view by_hand;  // what the DBA runs and looks for where it cannot be told here
};

struct Dialect {
  std::string_view name;
  std::string_view title;
  bool tested = false;
  char open = '"';  // quotes of identifiers
  char close = '"';
  bool upper = false;  // names written in lower case are upper case in the catalogue
  bool schemas = true;
  std::size_t longest_name = 63;
  std::string_view concat;      // operator between texts; empty: CONCAT(a, b)
  std::string_view first_head;  // behind SELECT
  std::string_view first_tail;  // at the end
  bool row_values = false;      // (a, b) > (?, ?) is known and uses an index
  std::string_view text_order;  // behind a text key column
  std::string_view lock_head;   // behind the table's name, to hold a row
  std::string_view lock_tail;   // at the end, likewise
  FormTexts forms[form_count];
  std::vector<TypeRule> types;
  std::vector<ErrorRule> errors;
  bool vague_constraints = false;         // one error for every kind of refusal
  std::string_view connect;               // added to the connection string, before the password
  std::vector<std::string_view> session;  // statements after connecting, every session
  std::vector<std::string_view> reading;
  std::vector<std::string_view> writing;
  // Limits the time of the session's statements to {n} milliseconds; empty: only the driver can.
  std::string_view time_limit;
  std::string_view unmarked;    // takes back, in a session, what `writing` says to our triggers; empty: it says nothing
  std::string_view begin_read;  // first statement of a reading transaction
  std::vector<std::string_view> begin_write;  // first statements of a writing one
  std::string_view end_write;
  std::string_view savepoint;
  std::string_view release;  // empty: there is none
  std::string_view undo;
  std::string_view tables_sql;   // name, estimate of rows or -1
  std::string_view columns_sql;  // parameters schema or '', table: name, type, Y or N nullable, type without length
  std::string_view keys_sql;     // likewise: index, column; the primary key first
  std::string_view grants_user;  // CREATE USER of the reading or writing account; {u}
  std::string_view drop_user;    // and its end; {u}
  std::string_view revoke;       // before it, where an account that holds rights cannot be dropped; {r}, {x}, {u}
  // One query of the rows "KIND NAME" of what there is: {tables}, {triggers} (and functions), {sources} (tables that
  // may hold columns of ours), {account}: lists of literals.
  std::string_view leftovers;
  // Of received tables: by item type; {n}, {s} length and scale.
  std::string_view create;        // "CREATE TABLE IF NOT EXISTS" or what there is
  std::string_view create_own;    // likewise, of a table that may be there; {l}: its name as a literal
  std::string_view end_of_batch;  // "GO" or nothing
  std::string_view create_index;  // {g} name, {x} table, {c} columns
  std::string_view type_text;     // no limit
  std::string_view type_varchar;  // {n}
  std::string_view type_key;      // a key without a limit
  std::string_view key_collate;
  std::string_view type_integer;
  std::string_view type_decimal;  // {n}, {s}
  std::string_view type_number;   // decimal without precision
  std::string_view type_date;
  std::string_view type_timestamp;
  std::string_view type_boolean;
  std::string_view type_bytes;
  bool reads_zones = false;  // a time may be given with a final Z
  std::string_view value_true;
  std::string_view value_false;
  PlanTexts plan;
  JournalTexts journal;
  WatermarkTexts watermark;
};

// Throws Error(misuse, QZ-ADP-010) for a name that is not one of the eight.
const Dialect& dialect_of(std::string_view name);
const std::vector<const Dialect*>& all_dialects();

const Dialect& postgresql_dialect();
const Dialect& kingbase_dialect();
const Dialect& mariadb_dialect();
const Dialect& sqlite_dialect();
const Dialect& sqlserver_dialect();
const Dialect& oracle_dialect();
const Dialect& dm_dialect();
const Dialect& db2_dialect();

struct Filling {
  std::string_view name;
  std::string_view text;
};
// The text with each {name} replaced; a name that is not given stays.
std::string fill(std::string_view text, const std::vector<Filling>& fillings);

}  // namespace qianzhi::odbc
