#include "agent/desk/standard/codes.h"

#include <algorithm>
#include <array>

#include "agent/desk/standard/characters.h"
#include "agent/mapping/check_digits.h"

namespace qianzhi::desk::standard {

namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_code_text(std::string_view text) {
  return !text.empty() && text.size() <= 30 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

bool is_sound_as(std::string_view text, CodeKind kind) {
  switch (kind) {
    case CodeKind::registration_number:
      return is_digits(text) && (text.size() == 13 || mapping::is_registration_number(text));
    case CodeKind::organisation_code: return text.size() == 9 && mapping::is_organisation_code(text);
    case CodeKind::credit_code: return mapping::is_credit_code(text);
    case CodeKind::citizen_id: return mapping::is_citizen_id(text);
    case CodeKind::taxpayer_id:
      if (text.size() == 18) return mapping::is_credit_code(text) || mapping::is_citizen_id(text);
      return is_code_text(text) && (text.size() == 15 || text.size() == 17 || text.size() == 20);
    case CodeKind::unknown: return false;
  }
  return false;
}

// Half width, capitals; hyphens and spaces out. Other signs stay, so that the text is no code.
std::string squeezed(std::string_view utf8, Changes& changes) {
  std::string text;
  for (char32_t c : decoded(utf8)) {
    if (c >= 0xFF01 && c <= 0xFF5E) {
      c -= 0xFEE0;
      note(changes, Change::width);
    }
    if (c == U' ' || c == 0x3000 || c == 0xA0 || (c >= 9 && c <= 13)) {
      note(changes, Change::spaces);
    } else if (c == U'-' || c == U'–' || c == U'—' || c == 0x2010 || c == 0x2011) {
      note(changes, Change::hyphens);
    } else {
      if (c >= U'a' && c <= U'z') {
        c -= 32;
        note(changes, Change::letter_case);
      }
      text += encoded(std::u32string_view(&c, 1));
    }
  }
  return text;
}

std::string with_all(std::string text, char from, char to) {
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

std::string suggestion_for(const std::string& text, CodeKind kind) {
  const std::array<std::string, 3> others = {with_all(with_all(text, 'O', '0'), 'I', '1'), with_all(text, 'O', '0'),
                                             with_all(text, 'I', '1')};
  for (const std::string& other : others)
    if (other != text && is_sound_as(other, kind)) return other;
  return {};
}

// 15 digits: the century 19, always; the check digit comes last.
void lengthen_citizen(Code& code) {
  if (code.text.size() != 15 || !is_digits(code.text)) return;
  const std::string body = code.text.substr(0, 6) + "19" + code.text.substr(6);
  const std::string whole = body + mapping::citizen_id_check_digit(body);
  if (!mapping::is_citizen_id(whole)) return;
  code.text = whole;
  note(code.changes, Change::citizen_15_to_18);
}

}  // namespace

std::string_view word_of(CodeKind kind) {
  switch (kind) {
    case CodeKind::registration_number: return "registration_number";
    case CodeKind::organisation_code: return "organisation_code";
    case CodeKind::credit_code: return "credit_code";
    case CodeKind::citizen_id: return "citizen_id";
    case CodeKind::taxpayer_id: return "taxpayer_id";
    case CodeKind::unknown: break;
  }
  return "unknown";
}

Code code_of(std::string_view text, CodeKind kind) {
  Code code;
  code.kind = kind;
  code.text = squeezed(text, code.changes);
  if (kind == CodeKind::citizen_id) lengthen_citizen(code);
  code.is_sound = is_sound_as(code.text, kind);
  if (code.text.empty()) code.kind = CodeKind::unknown;
  if (!code.is_sound && is_code_text(code.text)) code.suggestion = suggestion_for(code.text, kind);
  return code;
}

Code code_of(std::string_view text) {
  Code code;
  code.text = squeezed(text, code.changes);
  for (const CodeKind kind :
       {CodeKind::credit_code, CodeKind::citizen_id, CodeKind::organisation_code, CodeKind::registration_number})
    if (is_sound_as(code.text, kind)) {
      code.kind = kind;
      code.is_sound = true;
      break;
    }
  return code;
}

std::optional<Code> organisation_code_in(const Code& code) {
  if (code.kind == CodeKind::organisation_code && code.is_sound) return code;
  Code inside;
  inside.kind = CodeKind::organisation_code;
  inside.changes = code.changes;
  const bool is_credit = mapping::is_credit_code(code.text);
  if (is_credit && (code.kind == CodeKind::credit_code || code.kind == CodeKind::taxpayer_id)) {
    inside.text = code.text.substr(8, 9);
    note(inside.changes, Change::organisation_in_credit);
  } else if (code.kind == CodeKind::taxpayer_id && code.text.size() == 15) {
    inside.text = code.text.substr(6, 9);
    note(inside.changes, Change::organisation_in_taxpayer);
  }
  inside.is_sound = is_sound_as(inside.text, CodeKind::organisation_code);
  if (!inside.is_sound) return std::nullopt;
  return inside;
}

}  // namespace qianzhi::desk::standard
