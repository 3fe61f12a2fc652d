#include "adapters/sqlite/value.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::lite {

namespace {

// A larger one would not fit a frame together with its row's others; as invalid its row alone is set aside.
constexpr std::size_t longest_value = 16U << 20U;

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

// Length of the UTF-8 character at `at`, or 0 if it is none: overlong forms, surrogates and NUL are none.
std::size_t character_at(std::string_view text, std::size_t at) {
  const auto octet = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (octet(i) & 0xC0U) == 0x80U; };
  const unsigned first = octet(at);
  const unsigned second = octet(at + 1);
  if (first == 0) return 0;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(at + 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
    return follows(at + 1) && follows(at + 2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
    return follows(at + 1) && follows(at + 2) && follows(at + 3) ? 4 : 0;
  }
  return 0;
}

// Plain digits where a person would write them, an exponent beyond.
std::string real_text(double value) {
  std::array<char, 400> buffer{};
  const double size = std::fabs(value);
  const bool plain = size == 0 || (size >= 1e-20 && size < 1e25);
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  return {buffer.data(), end.ptr};
}

void append_integer(Column& column, std::int64_t value, Form form) {
  if (form == Form::boolean && (value == 0 || value == 1)) return column.append(value == 1 ? "true" : "false");
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  column.append({buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data())});
}

void append_real(Column& column, double value) {
  if (std::isfinite(value))
    column.append(real_text(value));
  else
    column.append_invalid(value > 0 ? "Inf" : "-Inf");
}

void append_octets(Column& column, std::string_view octets, bool blob, Form form) {
  if (octets.size() > longest_value) return column.append_invalid("(" + std::to_string(octets.size()) + " octets)");
  if (blob ? form == Form::bytes : is_clean_text(octets))
    column.append(octets);
  else
    column.append_invalid(to_hex(octets));
}

std::string quoted_text(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result.push_back(c);
    result.push_back(c);
  }
  return result + "'";
}

std::string to_literal(const Value& value) {
  switch (value.storage) {
    case Storage::null: return "NULL";
    case Storage::integer: return std::to_string(value.integer);
    case Storage::real: {
      std::array<char, 64> buffer{};
      const auto end =
          std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.real, std::chars_format::scientific);
      return {buffer.data(), end.ptr};
    }
    case Storage::text:
      if (value.octets.find('\0') != Bytes::npos) return "T'" + to_hex(value.octets) + "'";
      return quoted_text(value.octets);
    case Storage::blob: return "X'" + to_hex(value.octets) + "'";
  }
  return "NULL";
}

[[noreturn]] void malformed() {
  throw Error(ErrorKind::corrupt, "QZ-ADP-012", "an entry of the journal or a cursor is malformed");
}

// Takes the quoted part that begins at `at`, and moves `at` behind it.
std::string take_quoted(std::string_view text, std::size_t& at) {
  std::string result;
  for (++at; at < text.size(); ++at) {
    if (text[at] != '\'') {
      result.push_back(text[at]);
    } else if (at + 1 < text.size() && text[at + 1] == '\'') {
      result.push_back('\'');
      ++at;
    } else {
      ++at;
      return result;
    }
  }
  malformed();
}

Value number_of(std::string_view text) {
  if (text == "NULL") return {};
  const char* end = text.data() + text.size();
  Value value{Storage::integer, 0, 0, {}};
  const auto whole = std::from_chars(text.data(), end, value.integer);
  if (whole.ec == std::errc() && whole.ptr == end) return value;
  value = Value{Storage::real, 0, 0, {}};
  const auto real = std::from_chars(text.data(), end, value.real);
  if (real.ptr != end || real.ec == std::errc::invalid_argument) malformed();
  // quote() of newer versions writes infinity as a number out of range.
  if (real.ec == std::errc::result_out_of_range) value.real = text.front() == '-' ? -HUGE_VAL : HUGE_VAL;
  return value;
}

Value take_literal(std::string_view text, std::size_t& at) {
  if (at >= text.size()) malformed();
  if (text[at] == '\'') return {Storage::text, 0, 0, take_quoted(text, at)};
  const bool hexadecimal = (text[at] == 'X' || text[at] == 'T') && at + 1 < text.size() && text[at + 1] == '\'';
  if (hexadecimal) {
    const Storage storage = text[at] == 'X' ? Storage::blob : Storage::text;
    const std::string digits = take_quoted(text, ++at);
    if (digits.size() % 2 != 0 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) malformed();
    return {storage, 0, 0, from_hex(digits)};
  }
  const std::size_t begin = at;
  at = std::min(text.find(',', at), text.size());
  return number_of(text.substr(begin, at - begin));
}

}  // namespace

bool is_clean_text(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = character_at(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

Form form_of(std::string_view declared_type) {
  const std::string type = upper(declared_type);
  const auto has = [&](std::string_view part) { return type.find(part) != std::string::npos; };
  if (has("BOOL")) return Form::boolean;
  if (has("BLOB") || has("BINARY") || has("BYTEA")) return Form::bytes;
  return Form::plain;
}

Value value_of(const sqlite::Statement& row, int column) {
  switch (row.type(column)) {
    case SQLITE_INTEGER: return {Storage::integer, row.integer(column), 0, {}};
    case SQLITE_FLOAT: return {Storage::real, 0, sqlite3_column_double(row.handle(), column), {}};
    case SQLITE_TEXT: return {Storage::text, 0, 0, row.text(column)};
    case SQLITE_BLOB: return {Storage::blob, 0, 0, row.text(column)};
    default: return {};
  }
}

void bind(sqlite::Statement& statement, int parameter, const Value& value) {
  switch (value.storage) {
    case Storage::null: statement.bind_null(parameter); break;
    case Storage::integer: statement.bind(parameter, value.integer); break;
    case Storage::real: sqlite3_bind_double(statement.handle(), parameter, value.real); break;
    case Storage::text: statement.bind(parameter, std::string_view(value.octets)); break;
    case Storage::blob: statement.bind_blob(parameter, value.octets); break;
  }
}

std::string to_literals(const std::vector<Value>& values) {
  std::string text;
  for (const Value& value : values) {
    if (!text.empty()) text.push_back(',');
    text.append(to_literal(value));
  }
  return text;
}

std::vector<Value> from_literals(std::string_view text, std::size_t count) {
  std::vector<Value> values;
  std::size_t at = 0;
  while (values.size() < count) {
    if (!values.empty() && (at >= text.size() || text[at++] != ',')) malformed();
    values.push_back(take_literal(text, at));
  }
  if (at != text.size()) malformed();
  return values;
}

void append(Column& column, const Value& value, Form form) {
  switch (value.storage) {
    case Storage::null: return column.append_null();
    case Storage::integer: return append_integer(column, value.integer, form);
    case Storage::real: return append_real(column, value.real);
    case Storage::text: return append_octets(column, value.octets, false, form);
    case Storage::blob: return append_octets(column, value.octets, true, form);
  }
}

void append(Column& column, const sqlite::Statement& row, int index, Form form) {
  switch (row.type(index)) {
    case SQLITE_INTEGER: return append_integer(column, row.integer(index), form);
    case SQLITE_FLOAT: return append_real(column, sqlite3_column_double(row.handle(), index));
    case SQLITE_TEXT: return append_octets(column, row.view(index), false, form);
    case SQLITE_BLOB: return append_octets(column, row.view(index), true, form);
    default: return column.append_null();
  }
}

}  // namespace qianzhi::adapter::lite
