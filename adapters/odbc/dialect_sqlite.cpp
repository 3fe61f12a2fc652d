#include "adapters/odbc/dialect.h"

namespace qianzhi::odbc {

namespace {

constexpr const char* lite_tables = R"(CREATE TABLE IF NOT EXISTS {j} (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  tx INTEGER NOT NULL DEFAULT 0,
  tbl TEXT NOT NULL,
  op TEXT NOT NULL,  -- i, u, d; x: capture was installed here
  k TEXT,
  o TEXT,
  at INTEGER NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000),
  salt INTEGER NOT NULL DEFAULT (random())  -- tells it from another with its number after a restore
);
-- Up to where the agent has read and removed it.
CREATE TABLE IF NOT EXISTS {f} (
  id INTEGER PRIMARY KEY CHECK (id = 1), lower_tx INTEGER NOT NULL, upper_tx INTEGER NOT NULL, seq INTEGER NOT NULL,
  identity_text TEXT NOT NULL
);
-- Holds a row only inside the transactions of Qianzhi's own writer, so that what it writes is not captured.
CREATE TABLE IF NOT EXISTS qianzhi_guard (on_behalf_of TEXT NOT NULL);
)";

constexpr const char* lite_insert = R"(DROP TRIGGER IF EXISTS {g_i};
CREATE TRIGGER {g_i} AFTER INSERT ON {x} WHEN NOT EXISTS (SELECT 1 FROM qianzhi_guard)
BEGIN
  INSERT INTO {j} (tbl, op, k, o) VALUES ({l}, 'i', {n_k}, NULL);
END;
)";

constexpr const char* lite_update = R"(DROP TRIGGER IF EXISTS {g_u};
CREATE TRIGGER {g_u} AFTER UPDATE ON {x} WHEN NOT EXISTS (SELECT 1 FROM qianzhi_guard)
BEGIN
  INSERT INTO {j} (tbl, op, k, o) SELECT {l}, 'd', {o_k}, {o_o} WHERE {differs};
  INSERT INTO {j} (tbl, op, k, o) SELECT {l}, 'i', {n_k}, NULL WHERE {differs};
  INSERT INTO {j} (tbl, op, k, o) SELECT {l}, 'u', {n_k}, {o_o} WHERE NOT ({differs});
END;
)";

constexpr const char* lite_remove = R"(DROP TRIGGER IF EXISTS {g_d};
CREATE TRIGGER {g_d} AFTER DELETE ON {x} WHEN NOT EXISTS (SELECT 1 FROM qianzhi_guard)
BEGIN
  INSERT INTO {j} (tbl, op, k, o) VALUES ({l}, 'd', {o_k}, {o_o});
END;
)";

// INSERT OR REPLACE removes a row without a trigger: its old columns are noted before.
constexpr const char* lite_before = R"(DROP TRIGGER IF EXISTS {g_b};
CREATE TRIGGER {g_b} BEFORE INSERT ON {x} WHEN NOT EXISTS (SELECT 1 FROM qianzhi_guard)
BEGIN
  INSERT INTO {j} (tbl, op, k, o) SELECT {l}, 'u', {was_k}, {was_o} FROM {x} AS was WHERE {was_same};
END;
)";

constexpr const char* lite_table_list =
    "SELECT name, -1 FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
    "AND name NOT LIKE 'qianzhi\\_%' ESCAPE '\\' ORDER BY name";

constexpr const char* lite_column_list =
    "SELECT name, lower(type), CASE WHEN \"notnull\" <> 0 OR pk > 0 THEN 'N' ELSE 'Y' END, lower(type) "
    "FROM pragma_table_xinfo(CASE ? WHEN '' THEN ? END) WHERE hidden <> 1 ORDER BY cid";

// The primary key of a table with a rowid has no index.
constexpr const char* lite_key_list = R"(WITH wanted(t) AS (SELECT CASE ? WHEN '' THEN ? END)
SELECT n, c FROM (SELECT '' AS n, p.name AS c, p.pk AS place FROM wanted, pragma_table_info(t) p WHERE p.pk > 0
UNION ALL SELECT l.name, i.name, i.seqno FROM wanted, pragma_index_list(t) l, pragma_index_info(l.name) i
WHERE l."unique" = 1 AND l.partial = 0) ORDER BY n, place)";

constexpr const char* lite_trigger_list =
    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = CASE ? WHEN '' THEN ? END";

// There is one writer at a time, so a count that is raised with each row is in the order of the commits. A trigger here
// cannot set a value of the new row: it writes the row once more, and other triggers of the table see that.
constexpr const char* lite_first = R"(CREATE TABLE IF NOT EXISTS {w} (
  id INTEGER PRIMARY KEY CHECK (id = 1), n INTEGER NOT NULL, origin TEXT NOT NULL
);
INSERT OR IGNORE INTO {w} VALUES (1, 0, lower(hex(randomblob(16))));
)";

constexpr const char* lite_keep = R"(CREATE INDEX IF NOT EXISTS {i} ON {x} ({k});
DROP TRIGGER IF EXISTS {g_m};
CREATE TRIGGER {g_m} AFTER INSERT ON {x}
BEGIN
  UPDATE {w} SET n = n + 1;
  UPDATE {x} SET {c} = (SELECT n FROM {w}) WHERE {x_same};
END;
DROP TRIGGER IF EXISTS {g_n};
CREATE TRIGGER {g_n} AFTER UPDATE ON {x} WHEN NEW.{c} IS OLD.{c}
BEGIN
  UPDATE {w} SET n = n + 1;
  UPDATE {x} SET {c} = (SELECT n FROM {w}) WHERE {x_same};
END;
)";

constexpr const char* lite_leftovers = R"(SELECT type || ' ' || name FROM sqlite_master
WHERE type IN ('table', 'trigger') AND name IN ({tables}, {triggers})
UNION ALL SELECT 'column ' || m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.name IN ({sources}) AND c.name LIKE 'qianzhi\_%' ESCAPE '\';
)";

void set_watermark_lite(WatermarkTexts& w) {
  w.kind = MarkKind::fenced;
  w.first = lite_first;
  w.install =
      "-- If the script is run again this line fails, because the column is there; go on behind it.\n"
      "ALTER TABLE {x} ADD COLUMN {c} INTEGER;\n";
  w.keep = lite_keep;
  w.triggers = "mn";
  w.drop =
      "DROP TRIGGER IF EXISTS {g_m};\nDROP TRIGGER IF EXISTS {g_n};\nDROP INDEX IF EXISTS {i};\n"
      "ALTER TABLE {x} DROP COLUMN {c};\n";
  w.drop_last = "DROP TABLE IF EXISTS {w};\n";
  w.within = "{c} >= {l} AND {c} < {u}";
  w.fence_sql = "SELECT CAST(n + 1 AS TEXT), CAST(n + 1 AS TEXT) FROM {w}";
  w.server_sql = "SELECT origin FROM {w}";
}

void set_forms_lite(Dialect& d) {
  // The driver ends a text at its first NUL; such a text is told in hexadecimal, behind an octet that no UTF-8 has.
  constexpr const char* whole =
      "CASE WHEN instr(CAST({c} AS BLOB), x'00') > 0 THEN CAST(x'FF' AS TEXT) || hex({c}) ELSE CAST({c} AS TEXT) END";
  for (auto& form : d.forms) form = {whole, "?"};
  d.forms[static_cast<std::size_t>(Form::bytes)] = {"CASE WHEN {c} IS NOT NULL THEN hex({c}) END", "?"};
  d.forms[static_cast<std::size_t>(Form::boolean)] = {
      "CASE {c} WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE CAST({c} AS TEXT) END", "(? = 'true')"};
  d.types = {{"bool", Form::boolean},        {"int", Form::integer},        {"bigint", Form::integer},
             {"smallint", Form::integer},    {"tinyint", Form::integer},    {"mediumint", Form::integer},
             {"char", Form::text},           {"varchar", Form::text},       {"nchar", Form::text},
             {"nvarchar", Form::text},       {"text", Form::text},          {"clob", Form::text},
             {"timestamp", Form::timestamp}, {"datetime", Form::timestamp}, {"date", Form::date},
             {"dec", Form::decimal},         {"num", Form::decimal},        {"real", Form::real},
             {"float", Form::real},          {"double", Form::real},        {"blob", Form::bytes},
             {"binary", Form::bytes},        {"varbinary", Form::bytes}};
}

void set_received_lite(Dialect& d) {
  d.create = "CREATE TABLE IF NOT EXISTS";
  d.create_own = "CREATE TABLE IF NOT EXISTS";
  d.create_index = "CREATE INDEX IF NOT EXISTS {g} ON {x} ({c});\n";
  d.type_text = "TEXT";
  d.type_varchar = "TEXT";
  d.type_key = "TEXT";
  d.type_integer = "INTEGER";
  // Numeric affinity would round decimals and shorten codes.
  d.type_decimal = d.type_number = d.type_date = d.type_timestamp = "TEXT";
  d.type_boolean = "BOOLEAN";
  d.type_bytes = "BLOB";
  d.reads_zones = true;
  d.value_true = "1";
  d.value_false = "0";
}

void set_journal_lite(JournalTexts& j) {
  j.offered = true;
  j.fence = FenceKind::none;
  j.tables = lite_tables;
  j.first = "INSERT OR IGNORE INTO {f} VALUES (1, 0, 0, 0, '0:0:' || lower(hex(randomblob(16))));\n";
  j.new_row = "NEW.";
  j.old_row = "OLD.";
  j.show = "CAST({c} AS TEXT)";
  j.differ = "CAST({o} AS TEXT) COLLATE BINARY IS NOT CAST({n} AS TEXT)";
  j.same = "{o} = {n}";
  j.insert = lite_insert;
  j.update = lite_update;
  j.remove = lite_remove;
  j.more = lite_before;
  j.drop =
      "DROP TRIGGER IF EXISTS {g_i};\nDROP TRIGGER IF EXISTS {g_u};\nDROP TRIGGER IF EXISTS {g_d};\n"
      "DROP TRIGGER IF EXISTS {g_b};\n";
  j.installed = "INSERT INTO {j} (tbl, op) VALUES ({l}, 'x');\n";
  j.drop_tables = "DROP TABLE IF EXISTS {j};\nDROP TABLE IF EXISTS {f};\n";
  j.entry = "CAST(seq AS TEXT), CAST(tx AS TEXT), tbl, op, k, o, CAST(at AS TEXT), CAST(salt AS TEXT)";
  j.triggers_sql = lite_trigger_list;
}

Dialect make_sqlite() {
  Dialect d;
  d.name = "sqlite";
  d.title = "SQLite";
  d.tested = true;
  d.schemas = false;
  d.longest_name = 128;
  d.concat = "||";
  d.first_tail = " LIMIT {n}";
  d.row_values = true;
  d.text_order = " COLLATE BINARY";
  set_forms_lite(d);
  // The driver gives the primary result code only: which constraint it was cannot be told.
  d.errors = {{"HY000", 5, Meaning::busy},     {"HY000", 6, Meaning::busy},     {"HY000", 3, Meaning::rights},
              {"HY000", 8, Meaning::rights},   {"HY000", 23, Meaning::rights},  {"HY000", 1, Meaning::missing},
              {"HY000", 11, Meaning::corrupt}, {"HY000", 26, Meaning::corrupt}, {"HY000", 13, Meaning::full},
              {"HY000", 10, Meaning::away},    {"HY000", 14, Meaning::away},    {"HY000", 19, Meaning::constraint},
              {"HY000", 20, Meaning::value},   {"HY000", 18, Meaning::value}};
  d.vague_constraints = true;
  d.connect = "StepAPI=1;Timeout=10000;NoWCHAR=1";
  d.session = {"PRAGMA busy_timeout=10000", "PRAGMA foreign_keys=ON"};
  d.reading = {"PRAGMA query_only=ON"};
  d.writing = {"PRAGMA synchronous=FULL"};
  // Writing first of all takes the only writer's place, so that what is read then is not behind it.
  d.begin_write = {"INSERT INTO qianzhi_guard (on_behalf_of) VALUES ('odbc')"};
  d.end_write = "DELETE FROM qianzhi_guard";
  d.savepoint = "SAVEPOINT qz";
  d.release = "RELEASE SAVEPOINT qz";
  d.undo = "ROLLBACK TO SAVEPOINT qz";
  d.tables_sql = lite_table_list;
  d.columns_sql = lite_column_list;
  d.keys_sql = lite_key_list;
  set_received_lite(d);
  set_journal_lite(d.journal);
  set_watermark_lite(d.watermark);
  d.leftovers = lite_leftovers;
  d.plan = {PlanKind::sqlite, "", "EXPLAIN QUERY PLAN ", "EXPLAIN QUERY PLAN it: there must be no SCAN"};
  return d;
}

}  // namespace

const Dialect& sqlite_dialect() {
  static const Dialect dialect = make_sqlite();
  return dialect;
}

}  // namespace qianzhi::odbc
