#include "agent/desk/data/sql_text.h"

namespace qianzhi::desk {

std::string sql_literal(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) literal.append(c == '\'' ? 2 : 1, c);
  return literal + "'";
}

SqlText& SqlText::add(std::string_view text) {
  text_ += text;
  return *this;
}

SqlText& SqlText::add(const SqlText& other) {
  text_ += other.text_;
  values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  return *this;
}

SqlText& SqlText::bind(std::string_view value) {
  text_ += "?";
  values_.emplace_back(value);
  return *this;
}

SqlText& SqlText::bind_all(const std::vector<std::string>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) add(i == 0 ? "" : ", ").bind(values[i]);
  return *this;
}

sqlite::Statement SqlText::on(sqlite::Database& database) const {
  sqlite::Statement statement = database.prepare(text_);
  int parameter = 0;
  for (const std::string& value : values_) statement.bind(++parameter, value);
  return statement;
}

}  // namespace qianzhi::desk
