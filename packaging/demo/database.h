// A department's database as its own systems and its DBA use it: past every Qianzhi program.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "packaging/demo/schema.h"

namespace qianzhi::demo {

// Where one database is. PostgreSQL: owner is for the department, role for the agent, both libpq settings; through ODBC
// role is a connection string. MariaDB: owner and role are users of `database` on the socket `file`. Files: the
// department works in `file`, which no agent sees, and its tables are exported to `drop` after each commit.
struct Place {
  Dialect dialect = Dialect::sqlite;
  std::filesystem::path file;
  std::string owner;
  std::string role;
  std::filesystem::path drop = {};
  std::string database = {};
};

// As a source or target of an agent's configuration, in flow style.
std::string yaml_of(const Place& place);

// What a person types to run one statement.
std::string command_of(const Place& place, const std::string& sql);

// Runs a whole script as the DBA would, with sqlite3's engine, psql or mariadb. Throws Error.
void run_script(const Place& place, const std::string& script, const std::filesystem::path& log);

using Row = std::vector<std::optional<std::string>>;

// One connection; belongs to one thread at a time. Everything throws Error.
class Database {
 public:
  virtual ~Database() = default;
  // In one transaction.
  virtual void run(const std::vector<Statement>& transaction) = 0;
  // Every column as text.
  virtual std::vector<Row> rows(const std::string& sql) = 0;
};

std::unique_ptr<Database> open(const Place& place);
// Of a place in MariaDB.
std::unique_ptr<Database> open_mariadb(const Place& place);

}  // namespace qianzhi::demo
