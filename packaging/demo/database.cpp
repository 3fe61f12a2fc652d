#include "packaging/demo/database.h"

#include <atomic>
#include <fstream>
#include <set>

#include "adapters/postgresql/session.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/sqlite/database.h"
#include "packaging/demo/export.h"
#include "packaging/demo/process.h"

namespace qianzhi::demo {

namespace {

class LiteDatabase final : public Database {
 public:
  // As a department's own: with a write-ahead log and durable.
  explicit LiteDatabase(const std::filesystem::path& file) : database_(file, {}) {}

  void run(const std::vector<Statement>& statements) override {
    sqlite::Transaction transaction(database_);
    for (const Statement& statement : statements) {
      sqlite::Statement prepared = database_.prepare(statement.sql);
      for (std::size_t i = 0; i < statement.values.size(); ++i) {
        const int place = static_cast<int>(i) + 1;
        if (statement.values[i]) {
          prepared.bind(place, *statement.values[i]);
        } else {
          prepared.bind_null(place);
        }
      }
      prepared.run();
    }
    transaction.commit();
  }

  std::vector<Row> rows(const std::string& sql) override {
    std::vector<Row> result;
    sqlite::Statement statement = database_.prepare(sql);
    while (statement.step()) {
      Row row;
      for (int i = 0; i < statement.columns(); ++i)
        row.push_back(statement.is_null(i) ? std::nullopt : std::optional(statement.text(i)));
      result.push_back(std::move(row));
    }
    return result;
  }

  void execute(const std::string& script) { database_.execute(script); }

 private:
  sqlite::Database database_;
};

// A system that can only export: after each commit every table that it changed, whole, as a file of its own.
class ExportedDatabase final : public Database {
 public:
  ExportedDatabase(const std::filesystem::path& file, std::filesystem::path drop)
      : database_(file), drop_(std::move(drop)) {}

  void run(const std::vector<Statement>& statements) override {
    database_.run(statements);
    std::set<std::string> changed;
    for (const Statement& statement : statements) changed.insert(table_of_statement(statement.sql));
    for (const std::string& table : changed) export_table(table);
  }

  std::vector<Row> rows(const std::string& sql) override { return database_.rows(sql); }

 private:
  // The file first, then the marker that says it is complete.
  void export_table(const std::string& table) {
    std::vector<std::string> header;
    for (const Row& row : database_.rows("SELECT name FROM pragma_table_info('" + table + "')"))
      header.push_back(row[0].value());
    const std::string name = table + "-" + std::to_string(1'000'000 + ++number_) + ".csv";
    write_csv(drop_ / name, header, database_.rows("SELECT * FROM " + table));
    std::ofstream(drop_ / (name + ".done"));
  }

  LiteDatabase database_;
  std::filesystem::path drop_;
  static inline std::atomic<int> number_ = 0;  // no two files have one name
};

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(const std::string& dsn) : session_({{{"dsn", dsn}}, {}}, postgresql::Purpose::write) {}

  void run(const std::vector<Statement>& statements) override {
    session_.run("BEGIN", "begin");
    for (const Statement& statement : statements) {
      postgresql::Parameters values;
      for (const auto& value : statement.values) {
        if (value) {
          values.add(*value);
        } else {
          values.add_null();
        }
      }
      session_.query(statement.sql, values, "a department's change");
    }
    session_.run("COMMIT", "commit");
  }

  std::vector<Row> rows(const std::string& sql) override {
    const postgresql::Result result = session_.query(sql, {}, "reading back");
    std::vector<Row> all;
    for (int r = 0; r < result.rows(); ++r) {
      Row row;
      for (int c = 0; c < result.columns(); ++c)
        row.push_back(result.is_null(r, c) ? std::nullopt : std::optional(result.text(r, c)));
      all.push_back(std::move(row));
    }
    return all;
  }

 private:
  postgresql::Session session_;
};

// The tables that a department's own system has.
std::vector<std::string> table_names(Provider department) {
  std::vector<std::string> names;
  for (const Table& table : tables())
    if (table.department == department) names.emplace_back(table.name);
  return names;
}

std::string files_yaml(const Place& place) {
  std::string tables;
  for (const std::string& name : table_names(Provider::quality))
    tables += (tables.empty() ? "" : ", ") + name + ": {full: \"" + name + "-*.csv\"}";
  return "{type: files, folder: \"" + place.drop.string() +
         "\", encoding: gb18030, complete: {marker: .done}, tables: {" + tables + "}}";
}

bool is_postgresql(const Place& place) {
  return place.dialect == Dialect::postgresql || place.dialect == Dialect::odbc;
}

}  // namespace

std::string yaml_of(const Place& place) {
  switch (place.dialect) {
    case Dialect::sqlite: return "{type: sqlite, file: \"" + place.file.string() + "\"}";
    case Dialect::postgresql: return "{type: postgresql, dsn: \"" + place.role + "\"}";
    case Dialect::mariadb:
      return "{type: mysql, socket: \"" + place.file.string() + "\", database: " + place.database +
             ", user: " + place.role + "}";
    case Dialect::odbc: return "{type: odbc, dialect: postgresql, connect: \"" + place.role + "\"}";
    case Dialect::files: break;
  }
  return files_yaml(place);
}

std::string command_of(const Place& place, const std::string& sql) {
  if (place.dialect == Dialect::mariadb)
    return "mariadb --no-defaults -S " + place.file.string() + " -u " + place.owner + " " + place.database + " -e \"" +
           sql + "\"";
  if (!is_postgresql(place)) return "sqlite3 " + place.file.string() + " \"" + sql + "\"";
  return "psql \"" + place.owner + "\" -c \"" + sql + "\"";
}

void run_script(const Place& place, const std::string& script, const std::filesystem::path& log) {
  std::ofstream(log, std::ios::app) << script;
  const std::filesystem::path file = log.string() + ".sql";
  std::ofstream(file) << script;
  if (place.dialect == Dialect::mariadb) {
    output_of({{"mariadb", "--no-defaults", "-S", place.file.string(), "-u", place.owner, "-e",
                "source " + file.string(), place.database},
               log.parent_path(),
               log});
    return;
  }
  if (!is_postgresql(place)) return LiteDatabase(place.file).execute(script);
  output_of(
      {{"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", place.owner, "-f", file.string()}, log.parent_path(), log});
}

std::unique_ptr<Database> open(const Place& place) {
  switch (place.dialect) {
    case Dialect::sqlite: return std::make_unique<LiteDatabase>(place.file);
    case Dialect::postgresql:
    case Dialect::odbc: return std::make_unique<PostgresDatabase>(place.owner);
    case Dialect::mariadb: return open_mariadb(place);
    case Dialect::files: break;
  }
  return std::make_unique<ExportedDatabase>(place.file, place.drop);
}

}  // namespace qianzhi::demo
