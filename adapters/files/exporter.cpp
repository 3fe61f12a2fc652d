#include "adapters/files/exporter.h"

#include "adapters/files/csv_writer.h"
#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/keyset.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/value.h"

namespace qianzhi::adapter::files {

namespace {

constexpr ReadLimits page{5000, 1U << 20U};

// States of qz_export.behind: 0 the file is the table; 1 it is not; 2 it is claimed, and nothing came since.
std::string trigger(const TargetTable& table, const std::string& event, const std::string& suffix) {
  return "CREATE TRIGGER IF NOT EXISTS " + lite::id("qz_export_" + table.table + "_" + suffix) + " AFTER " + event +
         " ON " + lite::id(table.table) +
         " WHEN (SELECT behind FROM qz_export WHERE tbl = " + sql::name_literal(table.table) +
         ") <> 1 BEGIN UPDATE qz_export SET behind = 1 WHERE tbl = " + sql::name_literal(table.table) + "; END;";
}

lite::Form form_for(ItemType type) {
  if (type == ItemType::boolean) return lite::Form::boolean;
  return type == ItemType::bytes ? lite::Form::bytes : lite::Form::plain;
}

Column in_hexadecimal(const Column& column) {
  Column text;
  for (std::size_t row = 0; row < column.size(); ++row)
    if (column.has_value(row))
      text.append(to_hex(column.text(row)));
    else
      text.append_from(column, row);
  return text;
}

}  // namespace

Exporter::Exporter(const TargetSpec& spec, const std::filesystem::path& database)
    : spec_(spec), database_(database, {}) {
  sqlite::Transaction transaction(database_);
  database_.execute(
      "CREATE TABLE IF NOT EXISTS qz_export(tbl TEXT PRIMARY KEY, behind INTEGER NOT NULL, loaded INTEGER NOT NULL,"
      " ends TEXT NOT NULL DEFAULT '')");
  for (const TargetTable& table : spec.tables) {
    database_.prepare("INSERT OR IGNORE INTO qz_export(tbl, behind, loaded) VALUES (?1, 1, 0)")
        .bind(1, table.table)
        .run();
    database_.execute(trigger(table, "INSERT", "i") + trigger(table, "UPDATE", "u") + trigger(table, "DELETE", "d"));
  }
  // The end of a refill that was committed just before a crash, and claims that nobody remembers.
  database_.execute(
      "UPDATE qz_export SET loaded = 1 WHERE ends <> '' AND ends IN (SELECT digest FROM qianzhi_mark);"
      "UPDATE qz_export SET behind = 1 WHERE behind = 2");
  transaction.commit();
}

void Exporter::refill_ends(std::size_t table, const std::string& digest) {
  database_.prepare("UPDATE qz_export SET ends = ?2 WHERE tbl = ?1")
      .bind(1, spec_.tables[table].table)
      .bind(2, digest)
      .run();
}

void Exporter::refill_ended(std::size_t table) {
  database_.prepare("UPDATE qz_export SET loaded = 1 WHERE tbl = ?1").bind(1, spec_.tables[table].table).run();
}

std::vector<std::size_t> Exporter::claim() {
  std::vector<std::size_t> claimed;
  for (std::size_t i = 0; i < spec_.tables.size(); ++i) {
    database_.prepare("UPDATE qz_export SET behind = 2 WHERE tbl = ?1 AND behind = 1 AND loaded = 1")
        .bind(1, spec_.tables[i].table)
        .run();
    if (database_.changes() != 0) claimed.push_back(i);
  }
  return claimed;
}

void Exporter::settle(std::size_t table) {
  database_.prepare("UPDATE qz_export SET behind = 0 WHERE tbl = ?1 AND behind = 2")
      .bind(1, spec_.tables[table].table)
      .run();
}

void write_file(sqlite::Database& database, const TargetSettings& settings, const TargetTable& table) {
  lite::Page wanted{table.table, {}, {}, table.key, table.mode == ApplyMode::soft_delete ? "qz_deleted = 0" : ""};
  std::vector<std::string> names;
  for (const Item& item : table.columns) {
    wanted.columns.push_back(item.id);
    wanted.forms.push_back(form_for(item.type));
    names.push_back(settings.titles && !item.title.empty() ? item.title : item.id);
  }
  CsvWriter file(settings, settings.folder / (table.table + ".csv"));
  file.header(names);
  {
    const sqlite::Transaction snapshot(database, false);
    Bytes cursor;
    for (bool done = false; !done;) {
      SnapshotChunk chunk = lite::read_page(database, wanted, cursor, page);
      for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (table.columns[i].type == ItemType::bytes) chunk.columns[i] = in_hexadecimal(chunk.columns[i]);
      file.rows(chunk.columns);
      cursor = chunk.cursor;
      done = chunk.done;
    }
  }
  file.publish();
}

}  // namespace qianzhi::adapter::files
