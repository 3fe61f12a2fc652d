// Rows as text for the server: elements of an array literal, and lines of COPY in text format.
#pragma once

#include <string>
#include <vector>

#include "hub-protocol/model/rows.h"

namespace qianzhi::postgresql {

// {"a",NULL,...} of these rows. bytes: values are octets, written as \x hex. NULL for null and unchanged.
std::string array_literal(const Column& column, const std::vector<std::size_t>& rows, bool bytes);

// One field of a COPY line, without the separator.
void append_copy_field(const Column& column, std::size_t row, bool bytes, std::string& line);
void append_copy_text(std::string_view text, std::string& line);

// One element of an array literal, quoted.
void append_array_text(std::string_view text, std::string& array);

}  // namespace qianzhi::postgresql
