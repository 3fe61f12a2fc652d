#include "packaging/demo/schema.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi::demo {

namespace {

using Columns = std::vector<TableColumn>;

// What decides a row's district is NOT NULL, as a replica identity index of PostgreSQL wants it.
std::vector<Table> commerce_tables() {
  const Provider d = Provider::commerce;
  return {
      {d, "enterprise", "commerce.opening_registration",
       Columns{{"reg_no", "VARCHAR(18)"},
               {"ent_name", "VARCHAR(200)"},
               {"legal_rep", "VARCHAR(100)"},
               {"cert_no", "VARCHAR(30)"},
               {"dom", "VARCHAR(300)"},
               {"postal", "VARCHAR(20)"},
               {"tel", "VARCHAR(50)"},
               {"lic_scope", "VARCHAR(4000)"},
               {"gen_scope", "VARCHAR(4000)"},
               {"industry", "VARCHAR(5)"},
               {"ent_type", "VARCHAR(2)"},
               {"est_date", "DATE"},
               {"reg_org", "VARCHAR(100)"},
               {"district", "VARCHAR(20) NOT NULL"},
               {"status", "VARCHAR(1) NOT NULL"},
               {"updated_at", "TIMESTAMP"}},
       "reg_no"},
      {d, "ent_change", "commerce.change_registration",
       Columns{{"id", "INTEGER"},
               {"reg_no", "VARCHAR(18)"},
               {"ent_name", "VARCHAR(200)"},
               {"chg_item", "VARCHAR(100)"},
               {"chg_after", "VARCHAR(4000)"},
               {"appr_date", "DATE"},
               {"district", "VARCHAR(20) NOT NULL"}},
       "id"},
      {d, "ent_cancel", "commerce.deregistration",
       Columns{{"reg_no", "VARCHAR(18)"},
               {"ent_name", "VARCHAR(200)"},
               {"cause", "VARCHAR(500)"},
               {"cancel_date", "DATE"},
               {"cancel_org", "VARCHAR(100) NOT NULL"}},
       "reg_no"},
      {d, "ent_revoke", "commerce.licence_revocation",
       Columns{{"reg_no", "VARCHAR(18)"},
               {"ent_name", "VARCHAR(200)"},
               {"reason", "VARCHAR(500)"},
               {"revoke_date", "DATE"},
               {"district", "VARCHAR(20) NOT NULL"}},
       "reg_no, revoke_date"},
      {d, "ent_inspect", "commerce.annual_inspection",
       Columns{{"reg_no", "VARCHAR(18)"},
               {"ent_name", "VARCHAR(200)"},
               {"insp_year", "VARCHAR(10)"},
               {"result", "VARCHAR(100)"}},
       "reg_no, insp_year"},
  };
}

std::vector<Table> quality_tables() {
  const Provider d = Provider::quality;
  return {
      {d, "org_code_cert", "quality.code_certificate_issue",
       Columns{{"org_code", "VARCHAR(10)"},
               {"org_name", "VARCHAR(200)"},
               {"org_type", "VARCHAR(10)"},
               {"reg_no", "VARCHAR(18)"},
               {"issue_time", "TIMESTAMP"},
               {"area", "VARCHAR(6)"}},
       "org_code"},
      {d, "org_code_change", "quality.code_change",
       Columns{{"serial_no", "INTEGER"},
               {"org_code", "VARCHAR(10)"},
               {"org_name", "VARCHAR(200)"},
               {"chg_item", "VARCHAR(100)"},
               {"chg_content", "VARCHAR(4000)"},
               {"chg_time", "TIMESTAMP"},
               {"area", "VARCHAR(6)"}},
       "serial_no"},
      {d, "org_code_annul", "quality.code_annulment",
       Columns{{"org_code", "VARCHAR(10)"},
               {"org_name", "VARCHAR(200)"},
               {"annul_time", "TIMESTAMP"},
               {"area", "VARCHAR(6)"}},
       "org_code"},
  };
}

// Abbreviated pinyin names and dates of eight digits.
std::vector<Table> national_tax_tables() {
  const Provider d = Provider::national_tax;
  const TableColumn zzjg{"zzjg_dm", "VARCHAR(10)"};
  const TableColumn gszc{"gszc_hm", "VARCHAR(18)"};
  const TableColumn sbh{"nsrsbh", "VARCHAR(20)"};
  const TableColumn mc{"nsrmc", "VARCHAR(200)"};
  const TableColumn jg{"swjg_mc", "VARCHAR(100)"};
  return {
      {d, "dj_nsrxx", "national_tax.tax_registration",
       Columns{zzjg,
               gszc,
               sbh,
               mc,
               {"fddbr_xm", "VARCHAR(100)"},
               {"zcdz", "VARCHAR(300)"},
               {"djrq", "CHAR(8)"},
               jg,
               {"xzqh_dm", "VARCHAR(6)"}},
       "nsrsbh"},
      {d, "dj_zx", "national_tax.tax_deregistration",
       Columns{zzjg, gszc, sbh, mc, {"zxyy", "VARCHAR(500)"}, {"zxrq", "CHAR(8)"}, jg}, "nsrsbh"},
      {d, "dj_yhz", "national_tax.certificate_check", Columns{zzjg, gszc, sbh, mc, {"yhzrq", "CHAR(8)"}, jg},
       "nsrsbh, yhzrq"},
      {d, "dj_fzch", "national_tax.abnormal_taxpayer",
       Columns{zzjg, gszc, sbh, mc, {"rdrq", "CHAR(8)"}, {"jcrq", "CHAR(8)"}, jg}, "nsrsbh, rdrq"},
      {d, "wf_tqdx", "national_tax.revocation_request",
       Columns{gszc, {"qymc", "VARCHAR(200)"}, {"tqyy", "VARCHAR(500)"}, {"tqrq", "CHAR(8)"}, jg}, "gszc_hm, tqrq"},
      {d, "wf_xzcf", "national_tax.administrative_penalty",
       Columns{{"xh", "INTEGER"},
               zzjg,
               gszc,
               sbh,
               mc,
               {"wfsd", "VARCHAR(500)"},
               {"cfjg", "VARCHAR(1000)"},
               {"cfrq", "CHAR(8)"},
               jg},
       "xh"},
      {d, "wf_wzjy", "national_tax.unlicensed_business",
       Columns{{"xh", "INTEGER"}, {"qymc", "VARCHAR(200)"}, {"dz", "VARCHAR(300)"}, {"xzqh_dm", "VARCHAR(6)"}}, "xh"},
  };
}

// English names, dates as people write them, names of districts instead of codes.
std::vector<Table> local_tax_tables() {
  const Provider d = Provider::local_tax;
  const TableColumn org{"org_no", "VARCHAR(20)"};
  const TableColumn licence{"licence_no", "VARCHAR(18)"};
  const TableColumn payer{"taxpayer_no", "VARCHAR(20)"};
  const TableColumn name{"taxpayer_name", "VARCHAR(220)"};
  const TableColumn district{"district_name", "VARCHAR(40)"};
  return {
      {d, "taxpayer", "local_tax.tax_registration",
       Columns{org,
               licence,
               payer,
               name,
               {"corporation_rep", "VARCHAR(100)"},
               {"address", "VARCHAR(300)"},
               {"registered_on", "VARCHAR(20)"},
               {"office", "VARCHAR(100)"},
               district},
       "taxpayer_no"},
      {d, "taxpayer_closed", "local_tax.tax_deregistration",
       Columns{org,
               licence,
               payer,
               name,
               {"reason", "VARCHAR(500)"},
               {"closed_on", "VARCHAR(20)"},
               {"office", "VARCHAR(100)"},
               district},
       "taxpayer_no"},
      {d, "certificate_check", "local_tax.certificate_check",
       Columns{org, licence, payer, name, {"checked_on", "VARCHAR(20)"}, district}, "taxpayer_no, checked_on"},
      {d, "abnormal_taxpayer", "local_tax.abnormal_taxpayer",
       Columns{org, licence, payer, name, {"since_day", "VARCHAR(20)"}, {"lifted_day", "VARCHAR(20)"}, district},
       "taxpayer_no, since_day"},
      {d, "revocation_request", "local_tax.revocation_request",
       Columns{licence,
               {"firm_name", "VARCHAR(220)"},
               {"reason", "VARCHAR(500)"},
               {"requested_on", "VARCHAR(20)"},
               district},
       "licence_no, requested_on"},
      {d, "penalty", "local_tax.administrative_penalty",
       Columns{{"penalty_id", "INTEGER"},
               org,
               licence,
               payer,
               name,
               {"violation", "VARCHAR(500)"},
               {"decision", "VARCHAR(1000)"},
               {"decided_on", "VARCHAR(20)"},
               district},
       "penalty_id"},
      {d, "unlicensed_firm", "local_tax.unlicensed_business",
       Columns{{"record_id", "INTEGER"}, {"firm_name", "VARCHAR(220)"}, {"address", "VARCHAR(300)"}, district},
       "record_id"},
  };
}

bool is_key(const Table& table, std::string_view column) {
  std::string_view rest = table.key;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(", ");
    if (rest.substr(0, comma) == column) return true;
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 2);
  }
  return false;
}

// " name = $n" joined by separator, values appended in the same order.
void append_assignments(Statement& statement, const std::vector<Assignment>& list, std::string_view separator) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i != 0) statement.sql += separator;
    statement.values.push_back(list[i].second);
    statement.sql.append(list[i].first).append(" = $").append(std::to_string(statement.values.size()));
  }
}

}  // namespace

std::string_view id_of(Provider department) {
  switch (department) {
    case Provider::commerce: return "commerce";
    case Provider::quality: return "quality";
    case Provider::national_tax: return "national_tax";
    case Provider::local_tax: return "local_tax";
  }
  return {};
}

const std::vector<Table>& tables() {
  static const std::vector<Table> all = [] {
    std::vector<Table> result;
    for (const auto& some : {commerce_tables(), quality_tables(), national_tax_tables(), local_tax_tables()})
      result.insert(result.end(), some.begin(), some.end());
    return result;
  }();
  return all;
}

const Table& table_of(std::string_view topic) {
  const auto found =
      std::find_if(tables().begin(), tables().end(), [&](const Table& table) { return table.topic == topic; });
  QZ_ASSERT(found != tables().end());
  return *found;
}

std::string schema_sql(Provider department) {
  std::string sql;
  for (const Table& table : tables()) {
    if (table.department != department) continue;
    sql.append("CREATE TABLE ").append(table.name).append(" (\n");
    for (const TableColumn& column : table.columns) {
      sql.append("  ").append(column.name).append(" ").append(column.type);
      sql.append(is_key(table, column.name) ? " NOT NULL,\n" : ",\n");
    }
    sql.append("  PRIMARY KEY (").append(table.key).append("));\n");
  }
  return sql;
}

Statement insert_into(const Table& table, std::vector<std::optional<std::string>> values) {
  QZ_ASSERT(values.size() == table.columns.size());
  Statement statement;
  statement.sql.append("INSERT INTO ").append(table.name).append(" (");
  std::string places;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) {
      statement.sql += ", ";
      places += ", ";
    }
    statement.sql += table.columns[i].name;
    places += "$" + std::to_string(i + 1);
  }
  statement.sql += ") VALUES (" + places + ")";
  statement.values = std::move(values);
  return statement;
}

Statement update(const Table& table, const std::vector<Assignment>& set, const std::vector<Assignment>& where) {
  Statement statement;
  statement.sql.append("UPDATE ").append(table.name).append(" SET ");
  append_assignments(statement, set, ", ");
  statement.sql += " WHERE ";
  append_assignments(statement, where, " AND ");
  return statement;
}

Statement remove_from(const Table& table, const std::vector<Assignment>& where) {
  Statement statement;
  statement.sql.append("DELETE FROM ").append(table.name).append(" WHERE ");
  append_assignments(statement, where, " AND ");
  return statement;
}

std::string table_of_statement(const std::string& sql) {
  std::size_t start = sql.find(' ') + 1;  // UPDATE
  for (const std::string_view words : {"INSERT INTO ", "DELETE FROM "})
    if (sql.rfind(words, 0) == 0) start = words.size();
  return sql.substr(start, sql.find(' ', start) - start);
}

}  // namespace qianzhi::demo
