#include "agent/desk/rules/functions.h"

#include <charconv>

#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

constexpr std::size_t most_digits = 17;

// Full-width letters, digits and signs as their ASCII forms, without any space.
std::string narrow(std::string_view text) {
  std::string narrowed;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
    const unsigned point = ((octet(i) & 0x0FU) << 12U) | ((octet(i + 1) & 0x3FU) << 6U) | (octet(i + 2) & 0x3FU);
    const bool is_three = (octet(i) & 0xF0U) == 0xE0U && i + 2 < text.size();
    if (is_three && point >= 0xFF01U && point <= 0xFF5EU) {
      narrowed += static_cast<char>(point - 0xFF01U + 0x21U);
    } else if (is_three && point != 0x3000U) {
      narrowed += text.substr(i, 3);
    } else if (!is_three && octet(i) > 0x20U) {
      narrowed += text[i];
    }
    if (is_three) i += 2;
  }
  return narrowed;
}

std::string upper(std::string_view text) {
  std::string raised = narrow(text);
  for (char& c : raised)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return raised;
}

std::string plain_code(std::string_view text) {
  std::string code;
  for (const char c : upper(text))
    if (c != '-') code += c;
  return code;
}

// A decimal as integer units; the canonical text has no sign but "-" and no exponent.
std::string units_of(std::string_view text, std::size_t decimals) {
  const auto fail = [&] {
    throw Error(ErrorKind::rejected, "QZ-DSK-004", std::to_string(text.size()) + " characters");
  };
  const bool is_negative = !text.empty() && text.front() == '-';
  std::string_view rest = text.substr(is_negative ? 1 : 0);
  const std::size_t dot = rest.find('.');
  std::string_view fraction = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  std::string digits(rest.substr(0, dot));
  while (fraction.size() > decimals && fraction.back() == '0') fraction.remove_suffix(1);
  if (digits.empty() || fraction.size() > decimals || (dot != std::string_view::npos && dot + 1 == rest.size())) fail();
  digits.append(fraction).append(decimals - fraction.size(), '0');
  if (digits.size() > most_digits || digits.find_first_not_of("0123456789") != std::string::npos) fail();
  return (is_negative ? "-" : "") + digits;
}

std::size_t small_number(std::optional<std::string_view> text) {
  std::size_t value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

using Plain = std::string (*)(std::string_view);

sqlite::TextFunction calling(Normaliser normaliser, Plain plain) {
  return [normaliser, plain](const sqlite::TextArguments& arguments) -> std::optional<std::string> {
    if (!arguments[0]) return std::string();
    const auto standard = normaliser == nullptr ? std::nullopt : normaliser(*arguments[0]);
    return standard ? *standard : plain(*arguments[0]);
  };
}

}  // namespace

void add_functions(DeskStore& store, const Normalisers& normalisers) {
  sqlite::Database& database = store.database();
  database.add_function("qz_as_text", 1, calling(nullptr, narrow));
  database.add_function("qz_as_code", 1, calling(normalisers.code, plain_code));
  database.add_function("qz_as_name", 1, calling(normalisers.name, upper));
  database.add_function("qz_as_address", 1, calling(normalisers.address, upper));
  database.add_function("qz_as_date", 1, calling(normalisers.date, narrow));
  const Holidays& holidays = store.config().holidays;
  database.add_function("qz_due", 2, [&holidays](const sqlite::TextArguments& arguments) -> std::optional<std::string> {
    const auto from = arguments[0] ? day_from(*arguments[0]) : std::nullopt;
    if (!from) return std::nullopt;
    return date_text(holidays.due(*from, static_cast<int>(small_number(arguments[1]))));
  });
  database.add_function("qz_units", 2, [](const sqlite::TextArguments& arguments) -> std::optional<std::string> {
    if (!arguments[0] || arguments[0]->empty()) return std::nullopt;
    return units_of(*arguments[0], small_number(arguments[1]));
  });
  database.add_function("qz_today", 0, [&store](const sqlite::TextArguments&) { return date_text(store.today()); });
}

std::string_view function_of(Likeness likeness) {
  switch (likeness) {
    case Likeness::exact: return "";
    case Likeness::text: return "qz_as_text";
    case Likeness::code: return "qz_as_code";
    case Likeness::name: return "qz_as_name";
    case Likeness::address: return "qz_as_address";
    case Likeness::date: return "qz_as_date";
  }
  return "";
}

}  // namespace qianzhi::desk
