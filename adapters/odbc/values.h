// A value's text, as the dialect's form reads it -> the canonical text of model/topic.h, straight into a Column.
#pragma once

#include <string>
#include <string_view>

#include "adapters/odbc/dialect.h"
#include "hub-protocol/model/rows.h"

namespace qianzhi::odbc {

Form form_of(const Dialect& dialect, std::string_view native_type);
ItemType item_type_of(Form form);

// What its form cannot express becomes invalid, never null and never something near.
void append_value(Form form, std::string_view text, Column& column);

// Well-formed UTF-8, shortest forms only, no surrogates.
bool is_text(std::string_view octets);

}  // namespace qianzhi::odbc
