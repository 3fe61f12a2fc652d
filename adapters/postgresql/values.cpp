#include "adapters/postgresql/values.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace qianzhi::postgresql {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// YYYY-MM-DD and nothing else: four-digit years, so neither BC nor infinity nor year 10000 pass.
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U})
    if (!is_digit(text[i])) return false;
  return true;
}

bool is_time(std::string_view text) {
  if (text.size() < 8 || text.size() > 15 || text[2] != ':' || text[5] != ':') return false;
  for (const std::size_t i : {0U, 1U, 3U, 4U, 6U, 7U})
    if (!is_digit(text[i])) return false;
  if (text.size() == 8) return true;
  return text[8] == '.' && text.size() > 9 && std::all_of(text.begin() + 9, text.end(), is_digit);
}

void append_timestamp(std::string_view text, bool zoned, Column& column) {
  std::string_view body = text;
  if (zoned) {
    if (body.size() < 3 || body.substr(body.size() - 3) != "+00") return column.append_invalid(text);
    body.remove_suffix(3);
  }
  if (body.size() < 19 || body[10] != ' ' || !is_date(body.substr(0, 10)) || !is_time(body.substr(11)))
    return column.append_invalid(text);
  std::array<char, 28> canonical{};
  std::memcpy(canonical.data(), body.data(), body.size());
  canonical[10] = 'T';
  std::size_t size = body.size();
  // The server drops trailing zeros of the fraction; one instant has one text here.
  if (size > 19)
    while (size < 26) canonical[size++] = '0';
  if (zoned) canonical[size++] = 'Z';
  column.append({canonical.data(), size});
}

int nibble(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

void append_octets(std::string_view text, Column& column) {
  if (text.size() < 2 || text.substr(0, 2) != "\\x" || text.size() % 2 != 0) return column.append_invalid(text);
  std::string octets;
  octets.reserve(text.size() / 2);
  for (std::size_t i = 2; i < text.size(); i += 2) {
    const int high = nibble(text[i]);
    const int low = nibble(text[i + 1]);
    if (high < 0 || low < 0) return column.append_invalid(text);
    octets.push_back(static_cast<char>(high * 16 + low));
  }
  column.append(octets);
}

void append_number(std::string_view text, Column& column) {
  // NaN, Infinity and -Infinity are the only texts of a number that hold an N or an I.
  const std::size_t sign = !text.empty() && text[0] == '-' ? 1 : 0;
  if (text.size() > sign && !is_digit(text[sign])) return column.append_invalid(text);
  column.append(text);
}

}  // namespace

Form form_of(Oid type) {
  switch (type) {
    case 16: return Form::boolean;
    case 17: return Form::bytes;
    case 700:
    case 701:
    case 1700: return Form::number;
    case 1082: return Form::date;
    case 1114: return Form::timestamp;
    case 1184: return Form::timestamptz;
    default: return Form::text;
  }
}

ItemType item_type_of(Form form, Oid type) {
  switch (form) {
    case Form::boolean: return ItemType::boolean;
    case Form::number: return ItemType::decimal;
    case Form::date: return ItemType::date;
    case Form::timestamp:
    case Form::timestamptz: return ItemType::timestamp;
    case Form::bytes: return ItemType::bytes;
    case Form::text: break;
  }
  return type == 20 || type == 21 || type == 23 ? ItemType::integer : ItemType::text;
}

bool is_character_type(Oid type) { return type == 25 || type == 1042 || type == 1043 || type == 19; }

void append_value(Form form, std::string_view text, Column& column) {
  switch (form) {
    case Form::text: return column.append(text);
    case Form::boolean: return column.append(text == "t" ? "true" : "false");
    case Form::number: return append_number(text, column);
    case Form::date: return is_date(text) ? column.append(text) : column.append_invalid(text);
    case Form::timestamp: return append_timestamp(text, false, column);
    case Form::timestamptz: return append_timestamp(text, true, column);
    case Form::bytes: return append_octets(text, column);
  }
}

}  // namespace qianzhi::postgresql
