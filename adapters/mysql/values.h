// Values as the server shows or logs them, to the canonical text of ADAPTERS.md section 4. Load and stream end in the
// same functions, so that one value has one text (P20). What a type cannot express is invalid.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/mysql/charset.h"
#include "hub-protocol/model/rows.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::mysql {

enum class Form {
  text,         // in its column's character set
  octets,       // BINARY, VARBINARY, BLOB, GEOMETRY
  integer,      // TINYINT to BIGINT, signed or not
  decimal,      // DECIMAL
  real4,        // FLOAT
  real8,        // DOUBLE
  date,         // DATE
  datetime,     // DATETIME: no zone
  timestamp,    // TIMESTAMP: an instant, with Z
  time,         // TIME: up to 838 hours, either sign
  year,         // YEAR
  bit,          // BIT: a whole number
  enumeration,  // ENUM: its label; its error value 0 is invalid
  set,          // SET: labels with commas
  uuid,
  inet6,
  inet4,
  boolean,      // not a type of the server: a received item of type boolean
  unsupported,  // COMPRESSED columns, and types we do not know
};

// data_type: information_schema.COLUMNS.DATA_TYPE, column_type: COLUMN_TYPE.
Form form_of(std::string_view data_type, std::string_view column_type);
ItemType item_type_of(Form form);

// True where the same value has the same text in every session: such columns may be keys and old columns of a journal.
bool is_steady(Form form);

// SQL that makes the server show a value so that append_shown() understands it.
std::string shown(Form form, const std::string& quoted_column);

// A value as shown() gives it.
void append_shown(Form form, unsigned collation, std::string_view text, Charsets& charsets, Column& column);

// Text or octets in a column's character set; what is no text is invalid, in hexadecimal.
void append_text(unsigned collation, std::string_view octets, Charsets& charsets, Column& column);

void append_octets(std::string_view octets, Column& column);
// A longer value is invalid, with its size: its row is set aside, and not the whole source stopped.
inline constexpr std::size_t longest_value = 16U << 20U;

struct Moment {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  unsigned micros = 0;
};
void append_date(const Moment& moment, Column& column);
// zoned: an instant in UTC.
void append_moment(const Moment& moment, bool zoned, Column& column);
// Seconds since 1970 in UTC; 0.000000 is the zero timestamp, which is invalid.
void append_epoch(std::int64_t seconds, unsigned micros, Column& column);
void append_time(bool negative, unsigned hours, unsigned minutes, unsigned seconds, unsigned micros, Column& column);
void append_year(unsigned year, Column& column);  // 0: the zero year, invalid
void append_real(double value, Column& column);
void append_real(float value, Column& column);
// Digits with sign and point; leading zeros of ZEROFILL go.
void append_number(std::string_view digits, Column& column);
// 16 octets as text; stored: in the order in which the server keeps them.
void append_uuid(std::string_view stored, Column& column);
void append_address(std::string_view octets, Column& column);  // 4 or 16 octets

}  // namespace qianzhi::mysql
