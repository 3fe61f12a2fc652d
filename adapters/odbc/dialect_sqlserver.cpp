#include "adapters/odbc/dialect.h"

namespace qianzhi::odbc {

namespace {

// rowversion numbers are taken when a row is written; MIN_ACTIVE_ROWVERSION() is the first that an open transaction
// has.
constexpr const char* mssql_tables = R"(IF OBJECT_ID('{j_plain}') IS NULL CREATE TABLE {j} (
  seq bigint IDENTITY(1, 1) PRIMARY KEY,
  tx rowversion NOT NULL,  -- says when an entry may be read
  tbl nvarchar(200) NOT NULL,
  op nchar(1) NOT NULL,  -- i, u, d; x: capture was installed here
  k nvarchar(max),
  o nvarchar(max),
  at datetime2(6) NOT NULL DEFAULT SYSUTCDATETIME(),
  salt uniqueidentifier NOT NULL DEFAULT NEWID()  -- tells it from another with its number after a restore
);
-- Up to where the agent has read and removed it.
IF OBJECT_ID('{f_plain}') IS NULL CREATE TABLE {f} (
  id int PRIMARY KEY, lower_tx bigint NOT NULL, upper_tx bigint NOT NULL, seq bigint NOT NULL,
  identity_text nvarchar(200) NOT NULL
);
GO
)";

constexpr const char* mssql_insert = R"(CREATE OR ALTER TRIGGER {g_i} ON {x} AFTER INSERT AS
BEGIN
  SET NOCOUNT ON;
  IF SESSION_CONTEXT(N'qianzhi_writer') IS NULL
    INSERT INTO {j} (tbl, op, k, o) SELECT {l}, 'i', {n_k}, NULL FROM inserted n;
END;
GO
)";

// A statement's trigger cannot say which row became which, where keys change.
constexpr const char* mssql_update = R"(CREATE OR ALTER TRIGGER {g_u} ON {x} AFTER UPDATE AS
BEGIN
  SET NOCOUNT ON;
  IF SESSION_CONTEXT(N'qianzhi_writer') IS NULL
  BEGIN
    INSERT INTO {j} (tbl, op, k, o)
    SELECT {l}, 'd', {o_k}, {o_o} FROM deleted d WHERE NOT EXISTS (SELECT 1 FROM inserted n WHERE {same});
    INSERT INTO {j} (tbl, op, k, o)
    SELECT {l}, 'i', {n_k}, NULL FROM inserted n WHERE NOT EXISTS (SELECT 1 FROM deleted d WHERE {same});
    INSERT INTO {j} (tbl, op, k, o)
    SELECT {l}, 'u', {n_k}, {o_o} FROM inserted n JOIN deleted d ON {same};
  END;
END;
GO
)";

constexpr const char* mssql_remove = R"(CREATE OR ALTER TRIGGER {g_d} ON {x} AFTER DELETE AS
BEGIN
  SET NOCOUNT ON;
  IF SESSION_CONTEXT(N'qianzhi_writer') IS NULL
    INSERT INTO {j} (tbl, op, k, o) SELECT {l}, 'd', {o_k}, {o_o} FROM deleted d;
END;
GO
)";

constexpr const char* mssql_table_list = R"(SELECT s.name + '.' + t.name, -1 FROM sys.objects t
JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE t.type IN ('U', 'V') AND t.is_ms_shipped = 0
AND t.name NOT LIKE 'qianzhi[_]%' ORDER BY 1)";

constexpr const char* mssql_column_list =
    R"(SELECT c.name, y.name, CASE c.is_nullable WHEN 1 THEN 'Y' ELSE 'N' END, y.name
FROM sys.columns c JOIN sys.types y ON y.user_type_id = c.system_type_id
JOIN sys.objects t ON t.object_id = c.object_id JOIN sys.schemas s ON s.schema_id = t.schema_id
WHERE s.name = COALESCE(NULLIF(?, ''), SCHEMA_NAME()) AND t.name = ? ORDER BY c.column_id)";

constexpr const char* mssql_key_list = R"(SELECT i.name, c.name FROM sys.indexes i
JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.is_included_column = 0
JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
JOIN sys.objects t ON t.object_id = i.object_id JOIN sys.schemas s ON s.schema_id = t.schema_id
WHERE s.name = COALESCE(NULLIF(?, ''), SCHEMA_NAME()) AND t.name = ? AND i.is_unique = 1 AND i.has_filter = 0
ORDER BY i.is_primary_key DESC, i.index_id, k.key_ordinal)";

constexpr const char* mssql_trigger_list = R"(SELECT g.name FROM sys.triggers g
JOIN sys.objects t ON t.object_id = g.parent_id JOIN sys.schemas s ON s.schema_id = t.schema_id
WHERE g.is_disabled = 0 AND s.name = COALESCE(NULLIF(?, ''), SCHEMA_NAME()) AND t.name = ?)";

constexpr const char* mssql_leftovers = R"(SELECT 'table ' + name FROM sys.tables WHERE name IN ({tables})
UNION ALL SELECT 'trigger ' + name FROM sys.triggers WHERE name IN ({triggers})
UNION ALL SELECT 'column ' + t.name + '.' + c.name FROM sys.columns c JOIN sys.tables t ON t.object_id = c.object_id
WHERE t.name IN ({sources}) AND c.name LIKE 'qianzhi[_]%'
UNION ALL SELECT 'role ' + name FROM sys.database_principals WHERE name IN ({account});
)";

// The fence is asked for before the snapshot of the read begins, and what is seen after it.
void set_watermark_mssql(WatermarkTexts& w) {
  w.kind = MarkKind::fenced;
  w.kept_type = "timestamp";
  w.install =
      "-- The server keeps the column by itself. Adding it writes every row of the table: do it at a quiet time.\n"
      "IF COL_LENGTH('{x}', '{c_plain}') IS NULL ALTER TABLE {x} ADD {c} rowversion;\nGO\n"
      "IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = '{i_plain}') CREATE INDEX {i} ON {x} ({k});\nGO\n";
  w.drop = "DROP INDEX IF EXISTS {i} ON {x};\nALTER TABLE {x} DROP COLUMN IF EXISTS {c};\n";
  w.within = "{c} >= CAST(CAST({l} AS bigint) AS binary(8)) AND {c} < CAST(CAST({u} AS bigint) AS binary(8))";
  w.fence_sql =
      "SELECT CAST(CAST(MIN_ACTIVE_ROWVERSION() AS bigint) AS varchar(20)), "
      "CAST(CAST(@@DBTS AS bigint) + 1 AS varchar(20))";
  w.server_sql =
      "SELECT @@SERVERNAME + ':' + CONVERT(varchar(40), recovery_fork_guid) FROM sys.database_recovery_status"
      " WHERE database_id = DB_ID()";
}

void set_forms_mssql(Dialect& d) {
  for (auto& form : d.forms) form = {"CAST({c} AS nvarchar(max))", "?"};
  const auto set = [&d](Form form, FormTexts texts) { d.forms[static_cast<std::size_t>(form)] = texts; };
  set(Form::text, {"{c}", "?"});
  set(Form::integer, {"CAST({c} AS varchar(40))", "CAST(? AS bigint)"});
  set(Form::decimal, {"CONVERT(varchar(60), {c}, 2)", "CAST(? AS decimal(38, 10))"});
  set(Form::real, {"CONVERT(varchar(40), {c}, 3)", "CAST(? AS float)"});
  set(Form::date, {"CONVERT(varchar(10), {c}, 23)", "CONVERT(date, ?, 23)"});
  set(Form::timestamp, {"CONVERT(varchar(27), {c}, 126)", "CONVERT(datetime2(7), ?, 126)"});
  set(Form::instant, {"CONVERT(varchar(33), {c}, 127)", "CONVERT(datetimeoffset(7), ?, 127)"});
  set(Form::boolean,
      {"CASE {c} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END", "CASE ? WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"});
  set(Form::bytes, {"CONVERT(varchar(max), CAST({c} AS varbinary(max)), 2)", "?"});
  d.types = {{"nvarchar", Form::text},
             {"varchar", Form::text},
             {"nchar", Form::text},
             {"char", Form::text},
             {"ntext", Form::text},
             {"text", Form::text},
             {"bigint", Form::integer},
             {"int", Form::integer},
             {"smallint", Form::integer},
             {"tinyint", Form::integer},
             {"decimal", Form::decimal},
             {"numeric", Form::decimal},
             {"money", Form::decimal},
             {"smallmoney", Form::decimal},
             {"float", Form::real},
             {"real", Form::real},
             {"datetimeoffset", Form::instant},
             {"datetime", Form::timestamp},
             {"smalldatetime", Form::timestamp},
             {"date", Form::date},
             {"bit", Form::boolean},
             {"varbinary", Form::bytes},
             {"binary", Form::bytes},
             {"image", Form::bytes},
             {"timestamp", Form::bytes},
             {"rowversion", Form::bytes}};
}

void set_received_mssql(Dialect& d) {
  d.create = "CREATE TABLE";
  d.create_own = "IF OBJECT_ID({l}) IS NULL CREATE TABLE";
  d.end_of_batch = "GO\n";
  d.create_index = "CREATE INDEX {g} ON {x} ({c});\n";
  d.type_text = "nvarchar(max)";
  d.type_varchar = "nvarchar({n})";
  d.type_key = "nvarchar(255)";
  d.key_collate = " COLLATE Latin1_General_100_BIN2";
  d.type_integer = "bigint";
  d.type_decimal = "decimal({n}, {s})";
  d.type_number = "decimal(38, 10)";
  d.type_date = "date";
  d.type_timestamp = "datetime2(6)";
  d.type_boolean = "bit";
  d.type_bytes = "varbinary(max)";
  d.value_true = "1";
  d.value_false = "0";
  d.grants_user = "-- A login of its own, mapped to the user {u} of this database, without any role.\n";
}

void set_journal_mssql(JournalTexts& j) {
  j.offered = true;
  j.fence = FenceKind::transaction;
  j.fence_sql = "SELECT CAST(MIN_ACTIVE_ROWVERSION() AS bigint)";
  j.tables = mssql_tables;
  j.first =
      "INSERT INTO {f} SELECT 1, 0, 0, 0, '0:0:' + CAST(NEWID() AS nvarchar(40)) WHERE NOT EXISTS (SELECT 1 FROM "
      "{f});\n"
      "GO\n";
  j.new_row = "n.";
  j.old_row = "d.";
  j.show = "CONVERT(nvarchar(4000), {c}, 121)";
  j.same = "CAST({o} AS varbinary(900)) = CAST({n} AS varbinary(900))";
  j.insert = mssql_insert;
  j.update = mssql_update;
  j.remove = mssql_remove;
  j.drop = "DROP TRIGGER IF EXISTS {g_i}, {g_u}, {g_d};\n";
  j.installed = "INSERT INTO {j} (tbl, op) VALUES ({l}, 'x');\n";
  j.drop_tables = "DROP TABLE IF EXISTS {j};\nDROP TABLE IF EXISTS {f};\n";
  j.grants = "GRANT SELECT, DELETE ON {j} TO {u};\nGRANT SELECT, UPDATE ON {f} TO {u};\n";
  j.entry =
      "CAST(seq AS varchar(20)), CAST(CAST(tx AS bigint) AS varchar(20)), tbl, op, k, o, "
      "CAST(DATEDIFF_BIG(microsecond, '1970-01-01', at) AS varchar(20)), CAST(salt AS varchar(40))";
  j.triggers_sql = mssql_trigger_list;
  j.remove_by_row = true;
}

Dialect make_sqlserver() {
  Dialect d;
  d.name = "sqlserver";
  d.title = "SQL Server";
  d.open = '[';
  d.close = ']';
  d.longest_name = 128;
  d.concat = "+";
  d.first_head = "TOP ({n}) ";
  d.lock_head = " WITH (UPDLOCK, HOLDLOCK)";
  set_forms_mssql(d);
  d.errors = {{"", 2601, Meaning::unique},    {"", 2627, Meaning::unique}, {"", 547, Meaning::foreign_key},
              {"", 515, Meaning::constraint}, {"", 1205, Meaning::busy},   {"", 1222, Meaning::busy},
              {"", 3960, Meaning::busy},      {"", 1105, Meaning::full},   {"", 9002, Meaning::full},
              {"", 18456, Meaning::login},    {"", 229, Meaning::rights},  {"", 230, Meaning::rights},
              {"", 823, Meaning::corrupt},    {"", 824, Meaning::corrupt}, {"", 2628, Meaning::value},
              {"", 8152, Meaning::value}};
  d.session = {"SET LANGUAGE us_english", "SET DATEFORMAT ymd", "SET LOCK_TIMEOUT 15000", "SET XACT_ABORT OFF"};
  // Needs ALLOW_SNAPSHOT_ISOLATION: readers must not hold up the department's writers.
  d.reading = {"SET TRANSACTION ISOLATION LEVEL SNAPSHOT"};
  d.writing = {"SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
               "EXEC sp_set_session_context N'qianzhi_writer', N'on'"};
  d.unmarked = "EXEC sp_set_session_context N'qianzhi_writer', NULL";
  d.savepoint = "SAVE TRANSACTION qz";
  d.undo = "ROLLBACK TRANSACTION qz";
  d.tables_sql = mssql_table_list;
  d.columns_sql = mssql_column_list;
  d.keys_sql = mssql_key_list;
  set_received_mssql(d);
  set_journal_mssql(d.journal);
  set_watermark_mssql(d.watermark);
  d.drop_user = "DROP USER IF EXISTS {u};\n";
  d.leftovers = mssql_leftovers;
  d.plan.by_hand = "SET SHOWPLAN_TEXT ON, then it: there must be no Table Scan and no Clustered Index Scan";
  return d;
}

}  // namespace

const Dialect& sqlserver_dialect() {
  static const Dialect dialect = make_sqlserver();
  return dialect;
}

}  // namespace qianzhi::odbc
