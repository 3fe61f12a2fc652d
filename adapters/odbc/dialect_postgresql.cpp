#include "adapters/odbc/dialect.h"

namespace qianzhi::odbc {

namespace {

// Forms of the functions that PostgreSQL has had since 8.3, because Kingbase grew out of an old one.
constexpr const char* postgres_tables = R"(-- Nobody's temporary table takes the journal's place:
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', false);
CREATE TABLE IF NOT EXISTS {j} (
  seq bigserial PRIMARY KEY,
  tx bigint NOT NULL DEFAULT txid_current(),  -- says when an entry may be read
  tbl text NOT NULL,
  op text NOT NULL,  -- i, u, d; t: TRUNCATE; x: capture was installed here
  k text,
  o text,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  salt double precision NOT NULL DEFAULT random()  -- tells it from another with its number after a restore
);
-- Up to where the agent has read and removed it.
CREATE TABLE IF NOT EXISTS {f} (
  id int PRIMARY KEY CHECK (id = 1), lower_tx bigint NOT NULL, upper_tx bigint NOT NULL, seq bigint NOT NULL,
  identity_text text NOT NULL
);
)";

constexpr const char* postgres_capture =
    R"(CREATE OR REPLACE FUNCTION {g_f}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT SET timezone = 'UTC' SET datestyle = 'ISO' SET extra_float_digits = 1 AS $qianzhi$
BEGIN
  -- What Qianzhi's own writer applies is not captured.
  IF current_setting('qianzhi.writer', true) = 'on' THEN RETURN NULL; END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO {j} (tbl, op, k, o) VALUES ({l}, 'i', {n_k}, NULL);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO {j} (tbl, op, k, o) VALUES ({l}, 'd', {o_k}, {o_o});
  ELSIF TG_OP = 'TRUNCATE' THEN
    INSERT INTO {j} (tbl, op, k, o) VALUES ({l}, 't', NULL, NULL);
  ELSIF {differs} THEN
    INSERT INTO {j} (tbl, op, k, o) VALUES ({l}, 'd', {o_k}, {o_o});
    INSERT INTO {j} (tbl, op, k, o) VALUES ({l}, 'i', {n_k}, NULL);
  ELSE
    INSERT INTO {j} (tbl, op, k, o) VALUES ({l}, 'u', {n_k}, {o_o});
  END IF;
  RETURN NULL;
END
$qianzhi$;
REVOKE ALL ON FUNCTION {g_f}() FROM PUBLIC;
DROP TRIGGER IF EXISTS {g_r} ON {x};
CREATE TRIGGER {g_r} AFTER INSERT OR UPDATE OR DELETE ON {x} FOR EACH ROW EXECUTE PROCEDURE {g_f}();
ALTER TABLE {x} ENABLE ALWAYS TRIGGER {g_r};
)";

constexpr const char* postgres_truncate = R"(DROP TRIGGER IF EXISTS {g_t} ON {x};
CREATE TRIGGER {g_t} AFTER TRUNCATE ON {x} FOR EACH STATEMENT EXECUTE PROCEDURE {g_f}();
ALTER TABLE {x} ENABLE ALWAYS TRIGGER {g_t};
)";

constexpr const char* postgres_table_list = R"(SELECT n.nspname || '.' || c.relname, CAST(c.reltuples AS bigint)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm')
AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sys', 'sys_catalog') AND n.nspname NOT LIKE 'pg\_%'
AND c.relname NOT LIKE 'qianzhi\_%' ORDER BY 1)";

constexpr const char* postgres_column_list =
    R"(SELECT a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'N' ELSE 'Y' END,
format_type(a.atttypid, -1) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = coalesce(nullif(CAST(? AS text), ''), current_schema()) AND c.relname = CAST(? AS text)
AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)";

constexpr const char* postgres_key_list = R"(SELECT CAST(i.indexrelid AS text), a.attname
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (CAST(i.indkey AS int2[]))
WHERE n.nspname = coalesce(nullif(CAST(? AS text), ''), current_schema()) AND c.relname = CAST(? AS text)
AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY i.indisprimary DESC, i.indexrelid, array_position(CAST(i.indkey AS int2[]), a.attnum))";

constexpr const char* postgres_trigger_list = R"(SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.tgenabled = 'A'
AND n.nspname = coalesce(nullif(CAST(? AS text), ''), current_schema()) AND c.relname = CAST(? AS text))";

constexpr const char* postgres_keep =
    R"(CREATE OR REPLACE FUNCTION {g_w}() RETURNS trigger LANGUAGE plpgsql AS $qianzhi$
BEGIN
  NEW.{c} := pg_catalog.txid_current();
  RETURN NEW;
END
$qianzhi$;
DROP TRIGGER IF EXISTS {g_m} ON {x};
CREATE TRIGGER {g_m} BEFORE INSERT OR UPDATE ON {x} FOR EACH ROW EXECUTE PROCEDURE {g_w}();
ALTER TABLE {x} ENABLE ALWAYS TRIGGER {g_m};
-- On a large table make it beforehand, by itself, with CREATE INDEX CONCURRENTLY.
CREATE INDEX IF NOT EXISTS {i} ON {x} ({k});
)";

constexpr const char* postgres_leftovers = R"(SELECT 'table ' || relname FROM pg_class
WHERE relkind = 'r' AND relname IN ({tables})
UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname IN ({triggers})
UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname IN ({triggers})
UNION ALL SELECT 'column ' || c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relkind IN ('r', 'p') AND c.relname IN ({sources}) AND a.attname LIKE 'qianzhi\_%' AND NOT a.attisdropped
UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname IN ({account});
)";

// The same history of numbers: a restored copy of the database has another oid, or an older counter.
void set_watermark(WatermarkTexts& w) {
  w.kind = MarkKind::fenced;
  w.install = "ALTER TABLE {x} ADD COLUMN IF NOT EXISTS {c} bigint;\n";
  w.keep = postgres_keep;
  w.triggers = "m";
  w.drop =
      "DROP TRIGGER IF EXISTS {g_m} ON {x};\nDROP FUNCTION IF EXISTS {g_w}();\n"
      "ALTER TABLE {x} DROP COLUMN IF EXISTS {c};\n";
  w.within = "{c} >= {l} AND {c} < {u}";
  w.fence_sql =
      "SELECT CAST(txid_snapshot_xmin(s) AS text), CAST(txid_snapshot_xmax(s) AS text) FROM txid_current_snapshot() s";
  w.server_sql = "SELECT CAST(oid AS text) FROM pg_database WHERE datname = current_database()";
}

void set_forms(Dialect& d) {
  constexpr const char* as_text = "CAST({c} AS text)";
  constexpr const char* typed = "CAST(? AS {t})";
  for (auto& form : d.forms) form = {as_text, typed};
  d.forms[static_cast<std::size_t>(Form::text)] = {"{c}", typed};
  d.forms[static_cast<std::size_t>(Form::bytes)] = {"encode({c}, 'hex')", "?"};
  d.types = {{"character", Form::text},
             {"bpchar", Form::text},
             {"text", Form::text},
             {"varchar", Form::text},
             {"clob", Form::text},
             {"bigint", Form::integer},
             {"integer", Form::integer},
             {"smallint", Form::integer},
             {"numeric", Form::decimal},
             {"real", Form::real},
             {"double", Form::real},
             {"date", Form::date},
             {"timestamp with time zone", Form::instant},
             {"timestamptz", Form::instant},
             {"timestamp", Form::timestamp},
             {"boolean", Form::boolean},
             {"bytea", Form::bytes},
             {"blob", Form::bytes}};
}

void set_received(Dialect& d) {
  d.create = "CREATE TABLE IF NOT EXISTS";
  d.create_own = "CREATE TABLE IF NOT EXISTS";
  d.create_index = "CREATE INDEX IF NOT EXISTS {g} ON {x} ({c});\n";
  d.type_text = "text";
  d.type_varchar = "varchar({n})";
  d.type_key = "text";
  d.key_collate = " COLLATE \"C\"";
  d.type_integer = "bigint";
  d.type_decimal = "numeric({n}, {s})";
  d.type_number = "numeric";
  d.type_date = "date";
  d.type_timestamp = "timestamp";
  d.type_boolean = "boolean";
  d.type_bytes = "bytea";
  d.reads_zones = true;
  d.value_true = "true";
  d.value_false = "false";
  d.grants_user = "CREATE ROLE {u} LOGIN NOINHERIT CONNECTION LIMIT 6;\n";
  // Not DROP OWNED: if the account is also somebody else's, nothing but what was granted goes.
  d.revoke = "REVOKE {r} ON {x} FROM {u};\n";
  d.drop_user = "DROP ROLE {u};\n";
  d.leftovers = postgres_leftovers;
}

void set_journal(JournalTexts& j) {
  j.offered = true;
  j.fence = FenceKind::transaction;
  j.fence_sql = "SELECT txid_snapshot_xmin(txid_current_snapshot())";
  j.tables = postgres_tables;
  j.first =
      "INSERT INTO {f} SELECT 1, 0, 0, 0, '0:0:' || md5(CAST(random() AS text) || CAST(clock_timestamp() AS text))\n"
      "  WHERE NOT EXISTS (SELECT 1 FROM {f});\n";
  j.new_row = "NEW.";
  j.old_row = "OLD.";
  j.show = "format('%s', {c})";
  j.differ = "format('%s', {o}) <> format('%s', {n})";
  j.insert = postgres_capture;
  j.more = postgres_truncate;
  j.drop =
      "DROP TRIGGER IF EXISTS {g_r} ON {x};\nDROP TRIGGER IF EXISTS {g_t} ON {x};\nDROP FUNCTION IF EXISTS {g_f}();\n";
  j.installed = "INSERT INTO {j} (tbl, op) VALUES ({l}, 'x');\n";
  j.drop_tables = "DROP TABLE IF EXISTS {j};\nDROP TABLE IF EXISTS {f};\n";
  j.grants = "GRANT SELECT, DELETE ON {j} TO {u};\nGRANT SELECT, UPDATE ON {f} TO {u};\n";
  j.entry =
      "CAST(seq AS text), CAST(tx AS text), tbl, op, k, o, CAST(CAST(extract(epoch FROM at) * 1000000 AS bigint) AS "
      "text), CAST(salt AS text)";
  j.triggers_sql = postgres_trigger_list;
}

Dialect make_postgresql() {
  Dialect d;
  d.name = "postgresql";
  d.title = "PostgreSQL";
  d.tested = true;
  d.concat = "||";
  d.first_tail = " LIMIT {n}";
  d.row_values = true;
  d.lock_tail = " FOR UPDATE";
  set_forms(d);
  d.errors = {{"57014", 0, Meaning::busy},    {"57", 0, Meaning::away},           {"25P03", 0, Meaning::away},
              {"40", 0, Meaning::busy},       {"55P03", 0, Meaning::busy},        {"53100", 0, Meaning::full},
              {"53", 0, Meaning::full},       {"28", 0, Meaning::login},          {"42501", 0, Meaning::rights},
              {"XX001", 0, Meaning::corrupt}, {"XX002", 0, Meaning::corrupt},     {"23505", 0, Meaning::unique},
              {"23P01", 0, Meaning::unique},  {"23503", 0, Meaning::foreign_key}, {"P0", 0, Meaning::constraint}};
  d.connect = "Protocol=7.4-0;UseDeclareFetch=0;BoolsAsChar=1";
  d.session = {"SET client_encoding = 'UTF8'",   "SET timezone = 'UTC'",       "SET datestyle = 'ISO, YMD'",
               "SET intervalstyle = 'iso_8601'", "SET extra_float_digits = 3", "SET bytea_output = 'hex'"};
  d.reading = {"SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
               "SET statement_timeout = '60s'", "SET lock_timeout = '10s'",
               "SET idle_in_transaction_session_timeout = '60s'"};
  d.writing = {"SET statement_timeout = '120s'", "SET lock_timeout = '15s'",
               "SET idle_in_transaction_session_timeout = '120s'"};
  d.plan = {PlanKind::postgresql, "SET LOCAL enable_seqscan = off", "EXPLAIN (COSTS OFF) ",
            "EXPLAIN it: there must be no Seq Scan"};
  d.time_limit = "SET statement_timeout = {n}";
  // The message makes log capture of this database skip what follows; constraints are checked at once, so that a
  // refusal names its row and COMMIT cannot fail for one.
  d.begin_write = {"SELECT set_config('qianzhi.writer', 'on', true)",
                   "SELECT pg_logical_emit_message(true, 'qianzhi', 'apply')", "SET CONSTRAINTS ALL IMMEDIATE"};
  d.savepoint = "SAVEPOINT qz";
  d.release = "RELEASE SAVEPOINT qz";
  d.undo = "ROLLBACK TO SAVEPOINT qz";
  d.tables_sql = postgres_table_list;
  d.columns_sql = postgres_column_list;
  d.keys_sql = postgres_key_list;
  set_received(d);
  set_journal(d.journal);
  set_watermark(d.watermark);
  return d;
}

Dialect make_kingbase() {
  Dialect d = make_postgresql();
  d.name = "kingbase";
  d.title = "Kingbase (人大金仓)";
  d.tested = false;
  d.connect = "";
  d.begin_write = {"SELECT set_config('qianzhi.writer', 'on', true)", "SET CONSTRAINTS ALL IMMEDIATE"};
  return d;
}

}  // namespace

const Dialect& postgresql_dialect() {
  static const Dialect dialect = make_postgresql();
  return dialect;
}

const Dialect& kingbase_dialect() {
  static const Dialect dialect = make_kingbase();
  return dialect;
}

}  // namespace qianzhi::odbc
