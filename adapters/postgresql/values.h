// PostgreSQL's text form of a value -> the canonical text of model/topic.h, straight into a Column.
// Relies on the session settings of session.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "hub-protocol/model/rows.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::postgresql {

using Oid = std::uint32_t;

// How a type's text is turned into canonical text.
enum class Form : std::uint8_t {
  text,         // as it is
  boolean,      // t, f -> true, false
  number,       // NaN and Infinity are invalid
  date,         // infinity, BC and years over 9999 are invalid
  timestamp,    // T between date and time, six digits of fraction or none
  timestamptz,  // as timestamp, in UTC with Z
  bytes,        // \x... -> octets
};

// By type OID (pg_type.dat; built-in OIDs never change). Everything unknown is text.
Form form_of(Oid type);
ItemType item_type_of(Form form, Oid type);
bool is_character_type(Oid type);

// Appends one value. A text the form cannot hold is appended as Presence::invalid with what the server sent.
void append_value(Form form, std::string_view text, Column& column);

}  // namespace qianzhi::postgresql
