#include "hub-protocol/base/log.h"

#include <unistd.h>

#include <atomic>
#include <string>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/codes.h"

namespace qianzhi {

namespace {

std::atomic<int> threshold{static_cast<int>(LogLevel::info)};
std::atomic<LogForm> form_of_lines{LogForm::text};

constexpr char hex_digits[] = "0123456789abcdef";

void append_escaped(std::string& line, std::string_view text) {
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet != 0x7f) {
      line.push_back(c);
    } else {
      line.append("\\x").push_back(hex_digits[octet >> 4U]);
      line.push_back(hex_digits[octet & 15U]);
    }
  }
}

// Octets of the UTF-8 character that begins the text; 0: none does (RFC 3629).
std::size_t character_at(std::string_view text) {
  const auto octet = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  const unsigned first = octet(0);
  const unsigned second = octet(1);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : 4;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((octet(i) & 0xc0U) != 0x80U) return 0;
  const bool is_out_of_range = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                               (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return is_out_of_range ? 0 : size;
}

// "name":"text", with what JSON does not allow in it replaced.
void append_field(std::string& line, std::string_view name, std::string_view text) {
  line.append(line.back() == '{' ? "\"" : ",\"").append(name).append("\":\"");
  while (!text.empty()) {
    const std::size_t size = character_at(text);
    const auto octet = static_cast<unsigned char>(text.front());
    if (size == 0) {
      line.append("\\ufffd");
    } else if (octet < 0x20 || octet == 0x7f) {
      line.append("\\u00").push_back(hex_digits[octet >> 4U]);
      line.push_back(hex_digits[octet & 15U]);
    } else {
      if (octet == '"' || octet == '\\') line.push_back('\\');
      line.append(text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  line.push_back('"');
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::error: return "error";
    case LogLevel::warning: return "warning";
    case LogLevel::notice: return "notice";
    case LogLevel::info: return "info";
    case LogLevel::debug: return "debug";
  }
  return "error";
}

std::string beginning_of(LogLevel level, std::string_view where, std::string_view text) {
  std::string line = "{";
  append_field(line, "time", to_text(SystemClock().now()));
  append_field(line, "level", name_of(level));
  append_field(line, "where", where);
  append_field(line, "text", text);
  return line;
}

void append_error(std::string& line, const Error& error) {
  append_field(line, "kind", qianzhi::name_of(error.kind()));
  append_field(line, "code", error.code());
  append_field(line, "detail", error.detail());
  if (!error.hint().empty()) append_field(line, "hint", error.hint());
  if (const auto explanation = explain(error.code())) {
    append_field(line, "zh", explanation->title_zh);
    append_field(line, "en", explanation->title_en);
  }
}

// One write a line, so that lines of several threads never mix.
void write_line(std::string line) {
  line.push_back('\n');
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

void set_log_level(LogLevel level) { threshold = static_cast<int>(level); }

void set_log_form(LogForm form) { form_of_lines = form; }

LogForm log_form() { return form_of_lines; }

void log(LogLevel level, std::string_view where, std::string_view message) {
  if (static_cast<int>(level) > threshold) return;
  if (form_of_lines == LogForm::json) return write_line(beginning_of(level, where, message) + "}");
  std::string line = "<" + std::to_string(static_cast<int>(level)) + ">" + to_text(SystemClock().now()) + " ";
  append_escaped(line, where);
  line.append(": ");
  append_escaped(line, message);
  write_line(std::move(line));
}

void log(std::string_view where, const Error& error) {
  const bool passing = error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::full;
  const LogLevel level = passing ? LogLevel::warning : LogLevel::error;
  if (form_of_lines == LogForm::json) {
    if (static_cast<int>(level) > threshold) return;
    std::string line = beginning_of(level, where, error.what());
    append_error(line, error);
    return write_line(line + "}");
  }
  std::string text = error.what();
  if (!error.hint().empty()) text += " -> " + error.hint();
  log(level, where, text);
}

}  // namespace qianzhi
