#include "adapters/odbc/dialect.h"

namespace qianzhi::odbc {

namespace {

constexpr const char* db2_table_list =
    "SELECT RTRIM(tabschema) || '.' || tabname, card FROM syscat.tables WHERE tabschema = CURRENT SCHEMA AND type IN "
    "('T', 'V') AND tabname NOT LIKE 'QIANZHI\\_%' ESCAPE '\\' ORDER BY 1";

constexpr const char* db2_column_list =
    "SELECT colname, LOWER(typename), nulls, LOWER(typename) FROM syscat.columns WHERE tabschema = "
    "COALESCE(NULLIF(CAST(? AS VARCHAR(128)), ''), CURRENT SCHEMA) AND tabname = CAST(? AS VARCHAR(128)) ORDER BY "
    "colno";

constexpr const char* db2_key_list =
    "SELECT i.indname, k.colname FROM syscat.indexes i JOIN syscat.indexcoluse k ON k.indschema = i.indschema AND "
    "k.indname = i.indname WHERE i.uniquerule IN ('P', 'U') AND i.tabschema = COALESCE(NULLIF(CAST(? AS VARCHAR(128)), "
    "''), CURRENT SCHEMA) AND i.tabname = CAST(? AS VARCHAR(128)) ORDER BY i.uniquerule, i.indname, k.colseq";

// It reads without a snapshot of the past, and tells nobody but its administrators which transactions are open: neither
// a journal nor anything else that needs a fence is offered.
Dialect make_db2() {
  Dialect d;
  d.name = "db2";
  d.title = "Db2";
  d.upper = true;
  d.longest_name = 128;
  d.concat = "||";
  d.first_tail = " FETCH FIRST {n} ROWS ONLY";
  d.lock_tail = " FOR UPDATE WITH RS USE AND KEEP UPDATE LOCKS";
  for (auto& form : d.forms) form = {"VARCHAR({c})", "?"};
  const auto set = [&d](Form form, FormTexts texts) { d.forms[static_cast<std::size_t>(form)] = texts; };
  set(Form::text, {"{c}", "CAST(? AS VARCHAR(4000))"});
  set(Form::integer, {"VARCHAR({c})", "CAST(? AS BIGINT)"});
  set(Form::decimal, {"VARCHAR({c})", "CAST(? AS DECFLOAT)"});
  set(Form::real, {"VARCHAR({c})", "CAST(? AS DOUBLE)"});
  set(Form::date, {"CHAR({c}, ISO)", "DATE(CAST(? AS VARCHAR(10)))"});
  set(Form::timestamp, {"VARCHAR_FORMAT({c}, 'YYYY-MM-DD HH24:MI:SS.FF12')",
                        "TIMESTAMP_FORMAT(CAST(? AS VARCHAR(32)), 'YYYY-MM-DD HH24:MI:SS.FF12')"});
  set(Form::boolean, {"CASE {c} WHEN TRUE THEN 'true' WHEN FALSE THEN 'false' END", "CAST(? AS BOOLEAN)"});
  set(Form::bytes, {"HEX({c})", "?"});
  d.types = {{"varchar", Form::text},        {"character", Form::text},    {"char", Form::text},
             {"clob", Form::text},           {"long varchar", Form::text}, {"graphic", Form::text},
             {"vargraphic", Form::text},     {"bigint", Form::integer},    {"integer", Form::integer},
             {"smallint", Form::integer},    {"decimal", Form::decimal},   {"decfloat", Form::real},
             {"double", Form::real},         {"real", Form::real},         {"date", Form::date},
             {"timestamp", Form::timestamp}, {"boolean", Form::boolean},   {"blob", Form::bytes},
             {"binary", Form::bytes},        {"varbinary", Form::bytes}};
  d.errors = {{"23505", 0, Meaning::unique}, {"23503", 0, Meaning::foreign_key}, {"23504", 0, Meaning::foreign_key},
              {"40", 0, Meaning::busy},      {"57033", 0, Meaning::busy},        {"57011", 0, Meaning::full},
              {"57", 0, Meaning::away},      {"42501", 0, Meaning::rights},      {"42602", 0, Meaning::missing},
              {"42", 0, Meaning::missing}};
  d.reading = {"SET CURRENT LOCK TIMEOUT 10"};
  d.writing = {"SET CURRENT LOCK TIMEOUT 15"};
  d.savepoint = "SAVEPOINT qz ON ROLLBACK RETAIN CURSORS";
  d.release = "RELEASE SAVEPOINT qz";
  d.undo = "ROLLBACK TO SAVEPOINT qz";
  d.tables_sql = db2_table_list;
  d.columns_sql = db2_column_list;
  d.keys_sql = db2_key_list;
  d.create = "CREATE TABLE";
  d.create_own = "CREATE TABLE";
  d.create_index = "CREATE INDEX {g} ON {x} ({c});\n";
  d.type_text = "CLOB";
  d.type_varchar = "VARCHAR({n} CODEUNITS32)";
  d.type_key = "VARCHAR(255 CODEUNITS32)";
  d.type_integer = "BIGINT";
  d.type_decimal = "DECIMAL({n}, {s})";
  d.type_number = "DECFLOAT";
  d.type_date = "DATE";
  d.type_timestamp = "TIMESTAMP(6)";
  d.type_boolean = "BOOLEAN";
  d.type_bytes = "BLOB";
  d.value_true = "TRUE";
  d.value_false = "FALSE";
  d.leftovers =
      "SELECT 'table ' || tabname FROM syscat.tables WHERE tabschema = CURRENT SCHEMA AND tabname IN ({tables});\n";
  d.grants_user = "-- {u} is an account of the operating system or the directory service.\n";
  d.plan.by_hand = "EXPLAIN PLAN FOR it, db2exfmt -1: there must be no TBSCAN";
  return d;
}

}  // namespace

const Dialect& db2_dialect() {
  static const Dialect dialect = make_db2();
  return dialect;
}

}  // namespace qianzhi::odbc
