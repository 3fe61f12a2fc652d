// A prepared statement of a session: bound values in, one row after the other out; or many rows of values in at once.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mysql/session.h"

struct st_mysql_stmt;

namespace qianzhi::mysql {

// Values of one parameter for many rows: views that outlive the call.
struct BulkColumn {
  std::vector<std::string_view> values;
  std::vector<char> nulls;                   // 1: NULL
  ParameterKind kind = ParameterKind::text;  // text or octets
};

// A column of a result as the server describes it: type and flags as in its protocol.
struct ResultColumn {
  std::string name;
  unsigned type = 0;
  unsigned flags = 0;
  unsigned collation = 0;
};

class Statement {
 public:
  // Both session and doing (what for, for errors) must outlive it.
  Statement(Session& session, const std::string& sql, std::string_view doing);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Runs it. Rows stay at the server until they are fetched; what is left is thrown away by the next run or the end.
  void execute(const Parameters& values);
  // One run for each row of the columns, in order, as one command. Gives the server's error number, or 0; the
  // connection stands. Part of it may have been done. Throws if the connection broke.
  unsigned execute_bulk(const std::vector<BulkColumn>& columns);
  // As execute, but gives the error number if the connection stands.
  unsigned attempt(const Parameters& values);
  std::uint64_t affected() const;
  // What its rows will be, and how many values it wants; known before it is run.
  std::vector<ResultColumn> describe() const;
  std::size_t parameters() const;

  // False: there is no further row.
  bool fetch();
  // Throws away the rows that were not fetched, so that the session can be used for something else.
  void end();
  std::size_t columns() const { return fields_.size(); }
  bool is_null(std::size_t column) const { return fields_[column].null; }
  std::string_view view(std::size_t column) const;
  unsigned collation(std::size_t column) const { return fields_[column].collation; }

 private:
  struct Field {
    std::vector<char> buffer;
    unsigned long length = 0;
    bool null = false;
    char null_flag = 0;
    char error_flag = 0;
    unsigned collation = 0;
  };
  static void finish(st_mysql_stmt* statement);
  unsigned last_error() const;
  [[noreturn]] void fail();
  void bind_results();

  Session& session_;
  std::string_view doing_;
  std::unique_ptr<st_mysql_stmt, void (*)(st_mysql_stmt*)> statement_;
  std::vector<Field> fields_;
};

}  // namespace qianzhi::mysql
