#include "adapters/odbc/dialect.h"

namespace qianzhi::odbc {

namespace {

// A transaction is listed from its first write on, which is before its triggers; its start is in whole seconds.
constexpr const char* oracle_fence =
    "SELECT TO_CHAR(FLOOR((CAST(LEAST(SYSDATE, NVL(MIN(start_date), SYSDATE)) AS DATE) - DATE '1970-01-01') * 86400) * "
    "1000000) FROM v$transaction";

constexpr const char* oracle_tables = R"(CREATE TABLE {j} (
  seq NUMBER(19) GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tx NUMBER(19) NOT NULL,  -- the server's clock, microseconds: says when an entry may be read
  tbl VARCHAR2(200) NOT NULL,
  op CHAR(1) NOT NULL,  -- i, u, d; x: capture was installed here
  k VARCHAR2(4000),
  o VARCHAR2(4000),
  salt RAW(16) DEFAULT SYS_GUID() NOT NULL  -- tells it from another with its number after a restore
);
-- Up to where the agent has read and removed it.
CREATE TABLE {f} (
  id NUMBER(1) PRIMARY KEY, lower_tx NUMBER(19) NOT NULL, upper_tx NUMBER(19) NOT NULL, seq NUMBER(19) NOT NULL,
  identity_text VARCHAR2(200) NOT NULL
);
)";

constexpr const char* oracle_capture =
    R"(CREATE OR REPLACE TRIGGER {g_r} AFTER INSERT OR UPDATE OR DELETE ON {x} FOR EACH ROW
DECLARE
  t NUMBER(19) := FLOOR((CAST(SYSDATE AS DATE) - DATE '1970-01-01') * 86400) * 1000000;
BEGIN
  IF NVL(SYS_CONTEXT('USERENV', 'CLIENT_IDENTIFIER'), '-') = 'qianzhi_writer' THEN RETURN; END IF;
  IF INSERTING THEN
    INSERT INTO {j} (tx, tbl, op, k, o) VALUES (t, {l}, 'i', {n_k}, NULL);
  ELSIF DELETING THEN
    INSERT INTO {j} (tx, tbl, op, k, o) VALUES (t, {l}, 'd', {o_k}, {o_o});
  ELSIF {differs} THEN
    INSERT INTO {j} (tx, tbl, op, k, o) VALUES (t, {l}, 'd', {o_k}, {o_o});
    INSERT INTO {j} (tx, tbl, op, k, o) VALUES (t, {l}, 'i', {n_k}, NULL);
  ELSE
    INSERT INTO {j} (tx, tbl, op, k, o) VALUES (t, {l}, 'u', {n_k}, {o_o});
  END IF;
END;
/
)";

constexpr const char* oracle_table_list =
    "SELECT owner || '.' || table_name, NVL(num_rows, -1) FROM all_tables WHERE owner = "
    "SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND table_name NOT LIKE 'QIANZHI\\_%' ESCAPE '\\' ORDER BY 1";

constexpr const char* oracle_column_list =
    "SELECT column_name, LOWER(data_type), nullable, LOWER(data_type) FROM all_tab_columns WHERE owner = "
    "NVL(?, SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND table_name = ? ORDER BY column_id";

constexpr const char* oracle_key_list =
    "SELECT i.index_name, c.column_name FROM all_indexes i JOIN all_ind_columns c ON c.index_owner = i.owner AND "
    "c.index_name = i.index_name LEFT JOIN all_constraints p ON p.index_name = i.index_name AND p.owner = "
    "i.table_owner "
    "AND p.constraint_type = 'P' WHERE i.uniqueness = 'UNIQUE' AND i.table_owner = NVL(?, SYS_CONTEXT('USERENV', "
    "'CURRENT_SCHEMA')) AND i.table_name = ? ORDER BY NVL2(p.index_name, 0, 1), i.index_name, c.column_position";

constexpr const char* oracle_trigger_list =
    "SELECT trigger_name FROM all_triggers WHERE status = 'ENABLED' AND table_owner = NVL(?, SYS_CONTEXT('USERENV', "
    "'CURRENT_SCHEMA')) AND table_name = ?";

constexpr const char* oracle_leftovers = R"(SELECT 'table ' || table_name FROM user_tables
WHERE table_name IN ({tables})
UNION ALL SELECT 'trigger ' || trigger_name FROM user_triggers WHERE trigger_name IN ({triggers})
UNION ALL SELECT 'role ' || username FROM all_users WHERE username IN ({account});
)";

// Of Oracle, and of DM which follows it.
void set_forms_oracle(Dialect& d) {
  for (auto& form : d.forms) form = {"TO_CHAR({c})", "?"};
  const auto set = [&d](Form form, FormTexts texts) { d.forms[static_cast<std::size_t>(form)] = texts; };
  set(Form::text, {"{c}", "?"});
  set(Form::integer, {"TO_CHAR({c}, 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''')", "TO_NUMBER(?)"});
  set(Form::decimal, {"TO_CHAR({c}, 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''')", "TO_NUMBER(?)"});
  set(Form::real, {"TO_CHAR({c}, 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''')", "TO_NUMBER(?)"});
  set(Form::date, {"TO_CHAR({c}, 'YYYY-MM-DD')", "TO_DATE(?, 'YYYY-MM-DD')"});
  set(Form::timestamp, {"TO_CHAR(CAST({c} AS TIMESTAMP(9)), 'YYYY-MM-DD\"T\"HH24:MI:SS.FF9')",
                        "TO_TIMESTAMP(?, 'YYYY-MM-DD\"T\"HH24:MI:SS.FF9')"});
  set(Form::instant, {"TO_CHAR(SYS_EXTRACT_UTC({c}), 'YYYY-MM-DD\"T\"HH24:MI:SS.FF9') || 'Z'",
                      "FROM_TZ(TO_TIMESTAMP(RTRIM(?, 'Z'), 'YYYY-MM-DD\"T\"HH24:MI:SS.FF9'), 'UTC')"});
  set(Form::bytes, {"RAWTOHEX({c})", "?"});
  d.types = {{"varchar", Form::text},    {"nvarchar", Form::text},     {"char", Form::text},
             {"nchar", Form::text},      {"clob", Form::text},         {"nclob", Form::text},
             {"text", Form::text},       {"long", Form::text},         {"number", Form::decimal},
             {"numeric", Form::decimal}, {"decimal", Form::decimal},   {"dec", Form::decimal},
             {"bigint", Form::integer},  {"int", Form::integer},       {"smallint", Form::integer},
             {"tinyint", Form::integer}, {"binary_float", Form::real}, {"binary_double", Form::real},
             {"float", Form::real},      {"real", Form::real},         {"double", Form::real},
             {"raw", Form::bytes},       {"blob", Form::bytes},        {"image", Form::bytes},
             {"binary", Form::bytes},    {"varbinary", Form::bytes}};
}

void set_received_oracle(Dialect& d) {
  d.create = "CREATE TABLE";
  d.create_own = "CREATE TABLE";
  d.create_index = "CREATE INDEX {g} ON {x} ({c});\n";
  d.type_text = "CLOB";
  d.type_varchar = "VARCHAR2({n} CHAR)";
  d.type_key = "VARCHAR2(255 CHAR)";
  d.type_integer = "NUMBER(19)";
  d.type_decimal = "NUMBER({n}, {s})";
  d.type_number = "NUMBER";
  d.type_date = "DATE";
  d.type_timestamp = "TIMESTAMP(6)";
  d.type_boolean = "NUMBER(1)";
  d.type_bytes = "BLOB";
  d.value_true = "1";
  d.value_false = "0";
  d.drop_user = "-- DROP USER {u};\n";
  d.leftovers = oracle_leftovers;
  d.unmarked = "BEGIN DBMS_SESSION.CLEAR_IDENTIFIER; END;";
  d.grants_user = "-- CREATE USER {u} IDENTIFIED BY ...; GRANT CREATE SESSION TO {u};\n";
}

void set_journal_oracle(JournalTexts& j) {
  j.offered = true;
  j.fence = FenceKind::time;
  j.fence_sql = oracle_fence;
  j.tables = oracle_tables;
  j.first = "INSERT INTO {f} VALUES (1, 0, 0, 0, '0:0:' || RAWTOHEX(SYS_GUID()));\n";
  j.new_row = ":NEW.";
  j.old_row = ":OLD.";
  j.show = "TO_CHAR({c})";
  j.differ = "TO_CHAR({o}) <> TO_CHAR({n})";
  j.insert = oracle_capture;
  j.drop = "DROP TRIGGER {g_r};\n";
  j.installed =
      "INSERT INTO {j} (tx, tbl, op) VALUES (FLOOR((CAST(SYSDATE AS DATE) - DATE '1970-01-01') * 86400) * 1000000, "
      "{l}, "
      "'x');\n";
  j.drop_tables = "DROP TABLE {j};\nDROP TABLE {f};\n";
  j.grants =
      "GRANT SELECT, DELETE ON {j} TO {u};\nGRANT SELECT, UPDATE ON {f} TO {u};\n"
      "-- To see which transactions are still open; without it nothing can be read safely.\n"
      "GRANT SELECT ON v_$transaction TO {u};\n";
  j.entry = "TO_CHAR(seq), TO_CHAR(tx), tbl, op, k, o, TO_CHAR(tx), RAWTOHEX(salt)";
  j.triggers_sql = oracle_trigger_list;
  j.remove_by_row = true;
}

Dialect make_oracle() {
  Dialect d;
  d.name = "oracle";
  d.title = "Oracle";
  d.upper = true;
  d.longest_name = 128;
  d.concat = "||";
  d.first_tail = " FETCH FIRST {n} ROWS ONLY";
  d.lock_tail = " FOR UPDATE";
  set_forms_oracle(d);
  // A DATE has a time of day.
  d.types.push_back({"date", Form::timestamp});
  for (const char* zoned : {"timestamp(0) with", "timestamp(3) with", "timestamp(6) with", "timestamp(9) with"})
    d.types.push_back({zoned, Form::instant});
  d.types.push_back({"timestamp", Form::timestamp});
  d.errors = {{"", 1, Meaning::unique},        {"", 2291, Meaning::foreign_key}, {"", 2292, Meaning::foreign_key},
              {"", 2290, Meaning::constraint}, {"", 1400, Meaning::constraint},  {"", 1407, Meaning::constraint},
              {"", 12899, Meaning::value},     {"", 1438, Meaning::value},       {"", 54, Meaning::busy},
              {"", 60, Meaning::busy},         {"", 1555, Meaning::busy},        {"", 8177, Meaning::busy},
              {"", 1013, Meaning::busy},       {"", 1017, Meaning::login},       {"", 28000, Meaning::login},
              {"", 28001, Meaning::login},     {"", 1031, Meaning::rights},      {"", 1653, Meaning::full},
              {"", 1654, Meaning::full},       {"", 1578, Meaning::corrupt},     {"", 3113, Meaning::away},
              {"", 3114, Meaning::away},       {"", 12170, Meaning::away},       {"", 12541, Meaning::away},
              {"", 942, Meaning::missing},     {"", 904, Meaning::missing}};
  d.session = {"ALTER SESSION SET TIME_ZONE = 'UTC'", "ALTER SESSION SET NLS_COMP = 'BINARY'",
               "ALTER SESSION SET NLS_SORT = 'BINARY'", "ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'"};
  d.writing = {"BEGIN DBMS_SESSION.SET_IDENTIFIER('qianzhi_writer'); END;"};
  d.begin_read = "SET TRANSACTION READ ONLY";
  d.savepoint = "SAVEPOINT qz";
  d.undo = "ROLLBACK TO SAVEPOINT qz";
  d.tables_sql = oracle_table_list;
  d.columns_sql = oracle_column_list;
  d.keys_sql = oracle_key_list;
  set_received_oracle(d);
  // No watermark: ORA_ROWSCN is set at the commit, but is not told exactly of rows of one block, and nothing that an
  // account may read everywhere says which numbers are still to come.
  set_journal_oracle(d.journal);
  d.plan.by_hand = "EXPLAIN PLAN FOR it, SELECT * FROM TABLE(DBMS_XPLAN.DISPLAY): there must be no TABLE ACCESS FULL";
  return d;
}

// Its triggers are Oracle's, but no list is known that tells since when a transaction is open: a journal could lose
// entries silently (pitfall 26), so it is not offered.
Dialect make_dm() {
  Dialect d;
  d.name = "dm";
  d.title = "DM (达梦)";
  d.upper = true;
  d.longest_name = 128;
  d.concat = "||";
  d.first_tail = " LIMIT {n}";
  d.lock_tail = " FOR UPDATE";
  set_forms_oracle(d);
  d.types.push_back({"datetime", Form::timestamp});
  d.types.push_back({"date", Form::date});
  d.types.push_back({"timestamp", Form::timestamp});
  d.types.push_back({"bit", Form::integer});
  d.errors = {{"", -6602, Meaning::unique},     {"", -6607, Meaning::foreign_key}, {"", -6608, Meaning::foreign_key},
              {"", -6604, Meaning::constraint}, {"", -6609, Meaning::constraint},  {"", -2501, Meaning::login},
              {"", -5504, Meaning::rights},     {"", -6403, Meaning::busy},        {"", -6407, Meaning::busy},
              {"", -2106, Meaning::missing},    {"", -2111, Meaning::missing}};
  d.begin_read = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE";
  d.savepoint = "SAVEPOINT qz";
  d.undo = "ROLLBACK TO SAVEPOINT qz";
  d.tables_sql = oracle_table_list;
  d.columns_sql = oracle_column_list;
  d.keys_sql = oracle_key_list;
  set_received_oracle(d);
  d.plan.by_hand = "EXPLAIN it: there must be no CSCN2 or SSCN";
  return d;
}

}  // namespace

const Dialect& oracle_dialect() {
  static const Dialect dialect = make_oracle();
  return dialect;
}

const Dialect& dm_dialect() {
  static const Dialect dialect = make_dm();
  return dialect;
}

}  // namespace qianzhi::odbc
