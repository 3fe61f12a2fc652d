// SQL put together of pieces, with the values that are bound to it: values never become text of a statement.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/data/identifier.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk {

// 'text', for what cannot be bound: schemas and names within JSON. Never for received values.
std::string sql_literal(std::string_view text);

class SqlText {
 public:
  SqlText() = default;
  explicit SqlText(std::string_view text) : text_(text) {}

  // Written by us.
  SqlText& add(std::string_view text);
  SqlText& add(const SqlText& other);
  // One "?" and its value.
  SqlText& bind(std::string_view value);
  // "?, ?" and their values.
  SqlText& bind_all(const std::vector<std::string>& values);

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }
  const std::vector<std::string>& values() const { return values_; }

  // Prepared, with the values bound.
  sqlite::Statement on(sqlite::Database& database) const;
  void run(sqlite::Database& database) const { on(database).run(); }

 private:
  std::string text_;
  std::vector<std::string> values_;
};

}  // namespace qianzhi::desk
