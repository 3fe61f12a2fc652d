#include "agent/desk/data/sql_text.h"

namespace qianzhi::desk {

std::string sql_name(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? "\"\"" : std::string{c};
  return text + "\"";
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
