#include "adapters/mysql/session.h"
#include "packaging/demo/database.h"

namespace qianzhi::demo {

namespace {

// Its parameters are marked by their order alone.
std::string with_marks(const std::string& sql) {
  std::string text;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    text += sql[i] == '$' ? '?' : sql[i];
    if (sql[i] == '$')
      while (i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9') ++i;
  }
  return text;
}

class MariaDatabase final : public Database {
 public:
  explicit MariaDatabase(const Place& place)
      : session_({{{"socket", place.file.string()}, {"user", place.owner}, {"database", place.database}}, {}},
                 mysql::Purpose::write) {}

  void run(const std::vector<Statement>& statements) override {
    session_.run("START TRANSACTION", "begin");
    for (const Statement& statement : statements) {
      mysql::Parameters values;
      for (const auto& value : statement.values) {
        if (value) {
          values.add(*value);
        } else {
          values.add_null();
        }
      }
      session_.query(with_marks(statement.sql), values, "a department's change");
    }
    session_.run("COMMIT", "commit");
  }

  // It calls text in a cast by another name.
  std::vector<Row> rows(const std::string& sql) override {
    std::string text = sql;
    for (std::size_t at = text.find(" AS TEXT)"); at != std::string::npos; at = text.find(" AS TEXT)", at))
      text.replace(at, 9, " AS CHAR)");
    return session_.run(text, "reading back").content();
  }

 private:
  mysql::Session session_;
};

}  // namespace

std::unique_ptr<Database> open_mariadb(const Place& place) { return std::make_unique<MariaDatabase>(place); }

}  // namespace qianzhi::demo
