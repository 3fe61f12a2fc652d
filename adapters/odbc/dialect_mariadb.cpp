#include "adapters/odbc/dialect.h"

namespace qianzhi::odbc {

namespace {

// InnoDB hands its list of transactions out from a cache, and in the server's own time zone. So the statement looks for
// itself in the list, by a text that nobody else has: where it is not shown, the list is too old and there is no fence;
// where it is, it tells how the list's times lie. Starts are whole seconds, rounded down.
constexpr const char* maria_fence = R"(SELECT CAST(FLOOR(1000000 * LEAST(UNIX_TIMESTAMP(NOW(6)), COALESCE(
MIN(CASE WHEN t.trx_query LIKE '%{s}%' THEN NULL ELSE UNIX_TIMESTAMP(t.trx_started) END)
- 900 * ROUND((MAX(CASE WHEN t.trx_query LIKE '%{s}%' THEN UNIX_TIMESTAMP(t.trx_started) END)
- UNIX_TIMESTAMP(NOW(6))) / 900), UNIX_TIMESTAMP(NOW(6))))) AS CHAR)
FROM information_schema.INNODB_TRX t HAVING SUM(CASE WHEN t.trx_query LIKE '%{s}%' THEN 1 ELSE 0 END) > 0)";

constexpr const char* maria_tables = R"(CREATE TABLE IF NOT EXISTS {j} (
  seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  tx BIGINT NOT NULL,  -- the server's clock, microseconds: says when an entry may be read
  tbl VARCHAR(200) NOT NULL,
  op CHAR(1) NOT NULL,  -- i, u, d; x: capture was installed here
  k LONGTEXT,
  o LONGTEXT,
  salt DOUBLE NOT NULL,  -- tells it from another with its number after a restore
  KEY (tx)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
-- Up to where the agent has read and removed it.
CREATE TABLE IF NOT EXISTS {f} (
  id INT PRIMARY KEY, lower_tx BIGINT NOT NULL, upper_tx BIGINT NOT NULL, seq BIGINT NOT NULL,
  identity_text VARCHAR(200) NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
)";

// SYSDATE, not NOW: a statement may have begun before its transaction.
constexpr const char* maria_insert = R"(DELIMITER //
CREATE OR REPLACE TRIGGER {g_i} AFTER INSERT ON {x} FOR EACH ROW
BEGIN
  IF @qianzhi_writer IS NULL THEN
    INSERT INTO {j} (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), {l}, 'i', {n_k}, NULL, RAND());
  END IF;
END//
DELIMITER ;
)";

constexpr const char* maria_update = R"(DELIMITER //
CREATE OR REPLACE TRIGGER {g_u} AFTER UPDATE ON {x} FOR EACH ROW
BEGIN
  IF @qianzhi_writer IS NULL AND ({differs}) THEN
    INSERT INTO {j} (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), {l}, 'd', {o_k}, {o_o}, RAND());
    INSERT INTO {j} (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), {l}, 'i', {n_k}, NULL, RAND());
  ELSEIF @qianzhi_writer IS NULL THEN
    INSERT INTO {j} (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), {l}, 'u', {n_k}, {o_o}, RAND());
  END IF;
END//
DELIMITER ;
)";

constexpr const char* maria_remove = R"(DELIMITER //
CREATE OR REPLACE TRIGGER {g_d} AFTER DELETE ON {x} FOR EACH ROW
BEGIN
  IF @qianzhi_writer IS NULL THEN
    INSERT INTO {j} (tx, tbl, op, k, o, salt)
    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), {l}, 'd', {o_k}, {o_o}, RAND());
  END IF;
END//
DELIMITER ;
)";

constexpr const char* maria_table_list = R"(SELECT table_name, COALESCE(table_rows, -1) FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'VIEW') AND table_name NOT LIKE 'qianzhi\_%'
ORDER BY table_name)";

constexpr const char* maria_column_list = R"(SELECT column_name, column_type, LEFT(is_nullable, 1), data_type
FROM information_schema.columns WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ?
ORDER BY ordinal_position)";

constexpr const char* maria_key_list = R"(SELECT index_name, column_name FROM information_schema.statistics
WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? AND non_unique = 0 AND sub_part IS NULL
ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index)";

constexpr const char* maria_trigger_list = R"(SELECT trigger_name FROM information_schema.triggers
WHERE event_object_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND event_object_table = ?)";

constexpr const char* maria_cascade_list = R"(SELECT constraint_name FROM information_schema.referential_constraints
WHERE constraint_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ?
AND (delete_rule IN ('CASCADE', 'SET NULL') OR update_rule IN ('CASCADE', 'SET NULL')))";

// A SEQUENCE would make writes fail under LOCK TABLES, and where the binary log is in STATEMENT form.
constexpr const char* maria_keep =
    R"(ALTER TABLE {x} ADD INDEX IF NOT EXISTS {i} ({k}), ALGORITHM=INPLACE, LOCK=NONE;
CREATE OR REPLACE TRIGGER {g_m} BEFORE INSERT ON {x} FOR EACH ROW SET NEW.{c} = UUID_SHORT();
CREATE OR REPLACE TRIGGER {g_n} BEFORE UPDATE ON {x} FOR EACH ROW SET NEW.{c} = UUID_SHORT();
)";

// A statement's time is by a clock that nobody sets. Those that have written have numbers; readers have 0 or addresses.
constexpr const char* maria_statements =
    R"(SELECT CAST(id AS CHAR), CAST(FLOOR(time_ms * 1000) AS CHAR),
CASE WHEN command LIKE 'Slave%' THEN '1' ELSE '0' END FROM information_schema.processlist
WHERE id <> CONNECTION_ID() AND command NOT IN ('Sleep', 'Daemon', 'Binlog Dump'))";

constexpr const char* maria_transactions =
    R"(SELECT CAST(CASE WHEN trx_id < 281474976710656 THEN trx_id ELSE 0 END AS CHAR),
CAST(trx_mysql_thread_id AS CHAR),
CASE WHEN trx_mysql_thread_id = CONNECTION_ID() AND trx_query LIKE '%{s}%' THEN '1' ELSE '0' END
FROM information_schema.innodb_trx)";

constexpr const char* maria_leftovers = R"(SELECT CONCAT('table ', table_name) FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name IN ({tables})
UNION ALL SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_name IN ({triggers})
UNION ALL SELECT CONCAT('column ', table_name, '.', column_name) FROM information_schema.columns
WHERE table_name IN ({sources}) AND column_name LIKE 'qianzhi\_%'
UNION ALL SELECT DISTINCT CONCAT('role ', grantee) FROM information_schema.user_privileges
WHERE grantee = CONCAT(QUOTE({account}), '@', QUOTE('%'));
)";

void set_watermark_maria(WatermarkTexts& w) {
  w.kind = MarkKind::listed;
  w.install = "ALTER TABLE {x} ADD COLUMN IF NOT EXISTS {c} bigint unsigned INVISIBLE NULL;\n";
  w.keep = maria_keep;
  w.triggers = "mn";
  w.drop =
      "DROP TRIGGER IF EXISTS {g_m};\nDROP TRIGGER IF EXISTS {g_n};\nALTER TABLE {x} DROP INDEX IF EXISTS {i};\n"
      "ALTER TABLE {x} DROP COLUMN IF EXISTS {c};\n";
  w.grants =
      "-- To see which statements and transactions are open; without it nothing can be read safely.\n"
      "GRANT PROCESS ON *.* TO {u};\n";
  w.table_grants = "-- To see that the triggers are there.\nGRANT TRIGGER ON {x} TO {u};\n";
  w.within = "{c} >= {l} AND {c} < {u}";
  w.draw_sql = "SELECT CAST(UUID_SHORT() AS CHAR)";
  w.statements_sql = maria_statements;
  w.transactions_sql = maria_transactions;
  w.server_sql = "SELECT CONCAT(@@hostname, ':', @@port, ':', @@server_id)";
  w.age_sql = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'INNODB_LSN_CURRENT'";
}

void set_forms_maria(Dialect& d) {
  for (auto& form : d.forms) form = {"CAST({c} AS CHAR)", "?"};
  d.forms[static_cast<std::size_t>(Form::text)] = {"{c}", "?"};
  // Texts would be compared with numbers as floating point.
  d.forms[static_cast<std::size_t>(Form::integer)] = {"CAST({c} AS CHAR)", "CAST(? AS DECIMAL(65,0))"};
  d.forms[static_cast<std::size_t>(Form::decimal)] = {"CAST({c} AS CHAR)", "CAST(? AS DECIMAL(65,30))"};
  d.forms[static_cast<std::size_t>(Form::bytes)] = {"HEX({c})", "?"};
  d.forms[static_cast<std::size_t>(Form::boolean)] = {
      "CASE {c} WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE CAST({c} AS CHAR) END", "(? = 'true')"};
  d.types = {{"char", Form::text},          {"varchar", Form::text},     {"text", Form::text},
             {"tinytext", Form::text},      {"mediumtext", Form::text},  {"longtext", Form::text},
             {"bigint", Form::integer},     {"int", Form::integer},      {"mediumint", Form::integer},
             {"smallint", Form::integer},   {"tinyint", Form::integer},  {"year", Form::integer},
             {"decimal", Form::decimal},    {"float", Form::real},       {"double", Form::real},
             {"datetime", Form::timestamp}, {"date", Form::date},        {"timestamp", Form::instant},
             {"binary", Form::bytes},       {"varbinary", Form::bytes},  {"blob", Form::bytes},
             {"tinyblob", Form::bytes},     {"mediumblob", Form::bytes}, {"longblob", Form::bytes},
             {"bit", Form::bytes},          {"geometry", Form::bytes}};
}

void set_received_maria(Dialect& d) {
  d.create = "CREATE TABLE IF NOT EXISTS";
  d.create_own = "CREATE TABLE IF NOT EXISTS";
  d.create_index = "CREATE INDEX IF NOT EXISTS {g} ON {x} ({c});\n";
  d.type_text = "LONGTEXT CHARACTER SET utf8mb4";
  d.type_varchar = "VARCHAR({n}) CHARACTER SET utf8mb4";
  d.type_key = "VARCHAR(255) CHARACTER SET utf8mb4";
  d.key_collate = " COLLATE utf8mb4_nopad_bin";
  d.type_integer = "BIGINT";
  d.type_decimal = "DECIMAL({n}, {s})";
  d.type_number = "DECIMAL(65, 30)";
  d.type_date = "DATE";
  d.type_timestamp = "DATETIME(6)";
  d.type_boolean = "BOOLEAN";
  d.type_bytes = "LONGBLOB";
  d.value_true = "1";
  d.value_false = "0";
  d.grants_user = "CREATE USER IF NOT EXISTS {u};\n";
  d.drop_user = "DROP USER IF EXISTS {u};\n";
  d.leftovers = maria_leftovers;
}

void set_journal_maria(JournalTexts& j) {
  j.offered = true;
  j.fence = FenceKind::time;
  j.fence_sql = maria_fence;
  j.tables = maria_tables;
  j.first = "INSERT IGNORE INTO {f} VALUES (1, 0, 0, 0, CONCAT('0:0:', MD5(CONCAT(UUID(), RAND()))));\n";
  j.new_row = "NEW.";
  j.old_row = "OLD.";
  j.show = "CONVERT({c} USING utf8mb4)";
  j.differ = "NOT (BINARY {o} <=> BINARY {n})";
  j.insert = maria_insert;
  j.update = maria_update;
  j.remove = maria_remove;
  j.drop = "DROP TRIGGER IF EXISTS {g_i};\nDROP TRIGGER IF EXISTS {g_u};\nDROP TRIGGER IF EXISTS {g_d};\n";
  j.installed =
      "INSERT INTO {j} (tx, tbl, op, salt) VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED), {l}, 'x', "
      "RAND());\n";
  j.drop_tables = "DROP TABLE IF EXISTS {j};\nDROP TABLE IF EXISTS {f};\n";
  j.grants =
      "GRANT SELECT, DELETE ON {j} TO {u};\nGRANT SELECT, UPDATE ON {f} TO {u};\n"
      "-- To see which transactions are still open; without it nothing can be read safely.\n"
      "GRANT PROCESS ON *.* TO {u};\n";
  j.table_grants = "-- To see that the triggers are there.\nGRANT TRIGGER ON {x} TO {u};\n";
  j.entry = "CAST(seq AS CHAR), CAST(tx AS CHAR), tbl, op, k, o, CAST(tx AS CHAR), CAST(salt AS CHAR)";
  j.triggers_sql = maria_trigger_list;
  j.cascades_sql = maria_cascade_list;
  j.remove_by_row = true;
}

Dialect make_mariadb() {
  Dialect d;
  d.name = "mariadb";
  d.title = "MariaDB";
  d.tested = true;
  d.open = d.close = '`';
  d.longest_name = 64;
  d.first_tail = " LIMIT {n}";
  d.lock_tail = " FOR UPDATE";
  set_forms_maria(d);
  d.errors = {{"", 1062, Meaning::unique},      {"", 1586, Meaning::unique},      {"", 1451, Meaning::foreign_key},
              {"", 1452, Meaning::foreign_key}, {"", 1216, Meaning::foreign_key}, {"", 1217, Meaning::foreign_key},
              {"", 6, Meaning::busy},           {"", 3, Meaning::full},           {"", 1205, Meaning::busy},
              {"", 1213, Meaning::busy},        {"", 1969, Meaning::busy},        {"", 1040, Meaning::full},
              {"", 1203, Meaning::full},        {"", 1021, Meaning::full},        {"", 1114, Meaning::full},
              {"", 1044, Meaning::rights},      {"", 1045, Meaning::login},       {"", 1698, Meaning::login},
              {"", 1142, Meaning::rights},      {"", 1143, Meaning::rights},      {"", 1227, Meaning::rights},
              {"", 1370, Meaning::rights},      {"", 1053, Meaning::away},        {"", 1927, Meaning::away},
              {"", 2002, Meaning::away},        {"", 2003, Meaning::away},        {"", 2006, Meaning::away},
              {"", 2013, Meaning::away},        {"", 1406, Meaning::value},       {"", 1264, Meaning::value},
              {"", 1292, Meaning::value},       {"", 1366, Meaning::value},       {"", 1265, Meaning::value},
              {"", 1048, Meaning::constraint},  {"", 4025, Meaning::constraint},  {"45", 0, Meaning::constraint},
              {"", 1194, Meaning::corrupt},     {"", 1712, Meaning::corrupt}};
  d.connect = "CHARSET=utf8mb4";
  d.session = {"SET SESSION time_zone = '+00:00'",
               "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
               "NO_BACKSLASH_ESCAPES,NO_ENGINE_SUBSTITUTION'"};
  d.reading = {"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SET SESSION TRANSACTION READ ONLY",
               "SET SESSION max_statement_time = 60"};
  // Our own triggers see by the variable that we write ourselves.
  d.writing = {"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", "SET SESSION innodb_lock_wait_timeout = 15",
               "SET SESSION max_statement_time = 120", "SET @qianzhi_writer = 1"};
  d.unmarked = "SET @qianzhi_writer = NULL";
  d.time_limit = "SET SESSION max_statement_time = {n} / 1000";
  d.plan = {PlanKind::mariadb, "", "EXPLAIN ", "EXPLAIN it: type must not be ALL or index"};
  d.begin_read = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
  d.savepoint = "SAVEPOINT qz";
  d.release = "RELEASE SAVEPOINT qz";
  d.undo = "ROLLBACK TO SAVEPOINT qz";
  d.tables_sql = maria_table_list;
  d.columns_sql = maria_column_list;
  d.keys_sql = maria_key_list;
  set_received_maria(d);
  set_journal_maria(d.journal);
  set_watermark_maria(d.watermark);
  return d;
}

}  // namespace

const Dialect& mariadb_dialect() {
  static const Dialect dialect = make_mariadb();
  return dialect;
}

}  // namespace qianzhi::odbc
