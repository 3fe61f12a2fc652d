// The demonstration's departments in real SQLite files.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "hub-protocol/sqlite/database.h"
#include "packaging/demo/generator.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::demo::test {

constexpr Provider all_departments[] = {Provider::commerce, Provider::quality, Provider::national_tax,
                                        Provider::local_tax};

// Rows changed.
inline std::int64_t run(sqlite::Database& database, const Statement& statement) {
  sqlite::Statement prepared = database.prepare(statement.sql);
  for (std::size_t i = 0; i < statement.values.size(); ++i) {
    const int place = static_cast<int>(i) + 1;
    if (statement.values[i]) {
      prepared.bind(place, *statement.values[i]);
    } else {
      prepared.bind_null(place);
    }
  }
  prepared.run();
  return database.changes();
}

// All four, with their initial load.
class Sources {
 public:
  explicit Sources(const Generator& generator) {
    for (const Provider department : all_departments) {
      sqlite::Database& database = open(department);
      database.execute("PRAGMA synchronous = OFF");  // these files need not survive anything
      database.execute(schema_sql(department));
      sqlite::Transaction transaction(database);
      generator.load(department, [&](const Statement& statement) { run(database, statement); });
      transaction.commit();
    }
  }
  sqlite::Database& at(Provider department) { return databases_.at(department); }

 private:
  sqlite::Database& open(Provider department) {
    const auto file = directory_ / (std::string(id_of(department)) + ".db");
    return databases_.emplace(department, sqlite::Database(file, {})).first->second;
  }
  qianzhi::test::TempDir directory_;
  std::map<Provider, sqlite::Database> databases_;
};

}  // namespace qianzhi::demo::test
