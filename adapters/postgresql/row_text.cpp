#include "adapters/postgresql/row_text.h"

#include "hub-protocol/base/bytes.h"

namespace qianzhi::postgresql {

namespace {

bool has_text(const Column& column, std::size_t row) {
  return column.presence(row) == Presence::value || column.presence(row) == Presence::invalid;
}

}  // namespace

void append_array_text(std::string_view text, std::string& array) {
  array += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') array += '\\';
    array += c;
  }
  array += '"';
}

std::string array_literal(const Column& column, const std::vector<std::size_t>& rows, bool bytes) {
  std::string array = "{";
  for (const std::size_t row : rows) {
    if (array.size() > 1) array += ',';
    if (!has_text(column, row)) {
      array += "NULL";
    } else if (bytes) {
      array.append("\"\\\\x").append(to_hex(column.text(row))).append("\"");
    } else {
      append_array_text(column.text(row), array);
    }
  }
  return array += '}';
}

void append_copy_text(std::string_view text, std::string& line) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '\\' && c != '\n' && c != '\r' && c != '\t') continue;
    line.append(text.substr(begin, i - begin));
    line += '\\';
    line += c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : '\\';
    begin = i + 1;
  }
  line.append(text.substr(begin));
}

void append_copy_field(const Column& column, std::size_t row, bool bytes, std::string& line) {
  if (!has_text(column, row)) {
    line += "\\N";
  } else if (bytes) {
    line.append("\\\\x").append(to_hex(column.text(row)));
  } else {
    append_copy_text(column.text(row), line);
  }
}

}  // namespace qianzhi::postgresql
