#include "packaging/demo/database.h"

#include <fstream>

#include "adapters/postgresql/session.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/sqlite/database.h"
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

}  // namespace

std::string yaml_of(const Place& place) {
  if (place.dialect == Dialect::sqlite) return "{type: sqlite, file: \"" + place.file.string() + "\"}";
  return "{type: postgresql, dsn: \"" + place.role + "\"}";
}

std::string command_of(const Place& place, const std::string& sql) {
  if (place.dialect == Dialect::sqlite) return "sqlite3 " + place.file.string() + " \"" + sql + "\"";
  return "psql \"" + place.owner + "\" -c \"" + sql + "\"";
}

void run_script(const Place& place, const std::string& script, const std::filesystem::path& log) {
  std::ofstream(log, std::ios::app) << script;
  if (place.dialect == Dialect::sqlite) return LiteDatabase(place.file).execute(script);
  const std::filesystem::path file = log.string() + ".sql";
  std::ofstream(file) << script;
  output_of(
      {{"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", place.owner, "-f", file.string()}, log.parent_path(), log});
}

std::unique_ptr<Database> open(const Place& place) {
  if (place.dialect == Dialect::sqlite) return std::make_unique<LiteDatabase>(place.file);
  return std::make_unique<PostgresDatabase>(place.owner);
}

}  // namespace qianzhi::demo
