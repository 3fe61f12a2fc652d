// A desk over received tables in a second SQLite file, as the agent writes them, and base records of firms from them.
#pragma once

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <vector>

#include "agent/desk/records/records.h"
#include "agent/desk/records/schema.h"
#include "agent/desk/records/suggestions.h"
#include "agent/mapping/check_digits.h"
#include "hub-protocol/yaml/document.h"
#include "tests/support/temp_dir.h"
#include "tests/support/throws.h"

namespace qianzhi::desk::records {

inline constexpr const char* received_schema = R"sql(
CREATE TABLE opening(registration_number TEXT PRIMARY KEY, enterprise_name TEXT, domicile TEXT, person TEXT,
                     establishment_date TEXT, qz_origin TEXT, qz_seen TEXT);
CREATE TABLE certificate(organisation_code TEXT PRIMARY KEY, registration_number TEXT, organisation_name TEXT,
                         issue_date TEXT);
CREATE TABLE tax(taxpayer_id TEXT PRIMARY KEY, registration_number TEXT, taxpayer_name TEXT, registered_address TEXT,
                 tax_registration_date TEXT);
CREATE TABLE unlicensed(source_row_id TEXT PRIMARY KEY, name TEXT, address TEXT, person TEXT);
CREATE TABLE desk_change(seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT, key TEXT,
                         UNIQUE(source, key) ON CONFLICT REPLACE);
)sql";

// json_array() must not stand in a schema: with trusted_schema off SQLite 3.40 refuses the statement that fires it.
inline std::string trigger(const std::string& table, const std::string& key) {
  std::string sql;
  for (const std::string event : {"INSERT", "UPDATE", "DELETE"})
    for (const std::string row : {"NEW", "OLD"}) {
      if ((event == "INSERT" && row == "OLD") || (event == "DELETE" && row == "NEW")) continue;
      sql += "CREATE TRIGGER " + table + "_" + event + row + " AFTER " + event + " ON " + table +
             " BEGIN INSERT INTO desk_change(source, key) VALUES('" + table + "', '[\"' || " + row + "." + key +
             " || '\"]'); END;\n";
    }
  return sql;
}

inline Table table(const std::string& id, const std::string& name, const std::string& key,
                   const std::vector<std::string>& columns) {
  Table made;
  made.id = id;
  made.name = "\"received\".\"" + name + "\"";
  made.key = {key};
  for (const std::string& column : columns) made.columns[column] = column;
  return made;
}

inline const std::vector<Table>& all_tables() {
  static const std::vector<Table> tables = {
      table("commerce.opening_registration", "opening", "registration_number",
            {"registration_number", "enterprise_name", "domicile", "person", "establishment_date", "qz_seen"}),
      table("quality.code_certificate_issue", "certificate", "organisation_code",
            {"organisation_code", "registration_number", "organisation_name", "issue_date"}),
      table("tax.registration", "tax", "taxpayer_id",
            {"taxpayer_id", "registration_number", "taxpayer_name", "registered_address", "tax_registration_date"}),
      table("commerce.unlicensed", "unlicensed", "source_row_id", {"source_row_id", "name", "address", "person"}),
  };
  return tables;
}

inline std::vector<ChangeFile> change_files() {
  return {{"\"received\".\"desk_change\"",
           {{"opening", "commerce.opening_registration"},
            {"certificate", "quality.code_certificate_issue"},
            {"tax", "tax.registration"},
            {"unlicensed", "commerce.unlicensed"}}}};
}

inline constexpr const char* good_yaml = R"yaml(records:
  firm:
    base: commerce
    match: {name: name, person: person, address: address}
    sources:
      commerce:
        table: commerce.opening_registration
        time: establishment_date
        codes: {registration_number: registration_number}
        items: {name: enterprise_name, address: domicile, person: person}
      quality:
        table: quality.code_certificate_issue
        time: issue_date
        codes: {registration_number: registration_number, organisation_code: organisation_code}
        items: {name: organisation_name}
      tax:
        table: tax.registration
        time: tax_registration_date
        codes: {registration_number: registration_number, taxpayer_id: taxpayer_id}
        items: {name: taxpayer_name, address: registered_address}
      unlicensed:
        table: commerce.unlicensed
        items: {name: name, address: address, person: person}
    items:
      name: {from: [commerce, quality, tax, unlicensed], standard: name}
      address: {from: [commerce, tax, unlicensed], rule: newest, standard: address}
      person: {from: [commerce, unlicensed], rule: authoritative}
)yaml";

inline RecordsConfig config_from(const std::string& text, yaml::Diagnostics& diagnostics) {
  const auto root = yaml::parse_document("desk.yaml", text, diagnostics);
  REQUIRE(root);
  yaml::MapReader reader(&*root, "", diagnostics);
  yaml::MapReader records = reader.map("records", true);
  return read_records(records, all_tables());
}

inline RecordsConfig good_config() {
  yaml::Diagnostics diagnostics;
  RecordsConfig config = config_from(good_yaml, diagnostics);
  INFO(diagnostics.render());
  REQUIRE_FALSE(diagnostics.has_errors());
  return config;
}

// The received file has a writer of its own, like the agent.
struct Desk {
  Desk() {
    received.execute(received_schema);
    received.execute(trigger("opening", "registration_number"));
    received.execute(trigger("certificate", "organisation_code"));
    received.execute(trigger("tax", "taxpayer_id"));
    received.execute(trigger("unlicensed", "source_row_id"));
    attach(database);
  }
  void attach(sqlite::Database& to) const {
    to.execute("ATTACH 'file:" + (folder / "received.db").string() + "?mode=ro' AS received");
  }
  std::string text(const std::string& sql) {
    sqlite::Statement query = database.prepare(sql);
    return query.step() ? query.text(0) : "nothing";
  }
  std::string item(const std::string& record, const std::string& item) {
    return text("SELECT value || '|' || source || '|' || time || '|' || differs FROM base_item WHERE record = '" +
                record + "' AND item = '" + item + "'");
  }
  std::int64_t count(const std::string& sql) { return database.scalar(sql).value_or(-1); }

  test::TempDir folder;
  sqlite::Database received{folder / "received.db", {}};
  sqlite::Database database{folder / "desk.db", {}};
  RecordsConfig config = good_config();
  Records records{database, config, change_files()};
};

inline std::string made_organisation(unsigned i) {
  std::string body = std::to_string(70000000 + i * 37);
  return body + mapping::organisation_code_check_digit(body);
}

inline std::string made_number(unsigned i) {
  std::string body = std::to_string(44030110000000 + i * 11);
  return body + mapping::registration_number_check_digit(body);
}

}  // namespace qianzhi::desk::records
