// One SQLite value with its storage class, and its two text forms: the literal in journals and cursors, and the
// canonical text of model/topic.h.
//
// Literal: NULL | integer | real | 'text with '' doubled' | X'hex of a blob' | T'hex of a text that holds a NUL'. It is
// what quote() of every SQLite since version 3.0 gives, so that a trigger needs no extension and a DBA can read it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/model/rows.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::adapter::lite {

enum class Storage { null, integer, real, text, blob };

struct Value {
  Storage storage = Storage::null;
  std::int64_t integer = 0;
  double real = 0;
  Bytes octets;  // text, blob
  bool operator==(const Value&) const = default;
};

// How a column's values are shown, from its declared type.
enum class Form { plain, boolean, bytes };

Form form_of(std::string_view declared_type);

Value value_of(const sqlite::Statement& row, int column);
void bind(sqlite::Statement& statement, int parameter, const Value& value);

// Valid UTF-8 without NUL.
bool is_clean_text(std::string_view text);

// Literals separated by commas.
std::string to_literals(const std::vector<Value>& values);
// Throws Error(corrupt, QZ-ADP-012) if the text is not a list of `count` literals.
std::vector<Value> from_literals(std::string_view text, std::size_t count);

// Appends the canonical text: integers as they are; reals in the shortest form that gives the same number again; text
// if it is valid UTF-8 without NUL; blobs of a bytes column as they are. Everything else, infinity too, as invalid.
void append(Column& column, const Value& value, Form form);
// The same for one column of the present row, without a copy.
void append(Column& column, const sqlite::Statement& row, int index, Form form);

}  // namespace qianzhi::adapter::lite
