// Calendar dates and times in the forms departments write them, read exactly or not at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace qianzhi::mapping {

// Years 1 to 9999, proleptic Gregorian.
bool is_calendar_date(int year, int month, int day);

// YYYY-MM-DD of an existing date.
bool is_canonical_date(std::string_view text);

// What timestamp_of gives back as it is.
bool is_canonical_timestamp(std::string_view text);

// To YYYY-MM-DD. Understands 2024-1-5, 2024/01/05, 2024.1.5, 20240105, 2024年1月5日 (also 号, with spaces or full-width
// digits), 二〇二四年一月五日, and each of the first six with a midnight time behind it (also 20240105000000). Year
// first and in four digits, always. Nothing for another form, a date that does not exist, a time of day or a zone.
std::optional<std::string> date_of(std::string_view text);

// To YYYY: 2024, 2024年, 2024年度, 二〇二四年.
std::optional<std::string> year_of(std::string_view text);

// To YYYY-MM-DDTHH:MM:SS[.ffffff][Z]. Between date and time a T or spaces; the date as YYYY-MM-DD, or in any form of
// date_of if loose, then also without a time. Z or an offset (+08, +0800, +08:00) gives an instant in UTC. A fraction
// of zero is left out, any other has six digits; nothing if more than six digits would be needed.
std::optional<std::string> timestamp_of(std::string_view text, bool loose);

// 0000-00-00 with or without a time: what MySQL and its friends write for "no date".
bool is_zero_date(std::string_view text);

}  // namespace qianzhi::mapping
