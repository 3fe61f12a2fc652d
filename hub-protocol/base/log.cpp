#include "hub-protocol/base/log.h"

#include <unistd.h>

#include <atomic>
#include <string>

#include "hub-protocol/base/clock.h"

namespace qianzhi {

namespace {

std::atomic<int> threshold{static_cast<int>(LogLevel::info)};

void append_escaped(std::string& line, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet != 0x7f) {
      line.push_back(c);
    } else {
      line.append("\\x").push_back(digits[octet >> 4U]);
      line.push_back(digits[octet & 15U]);
    }
  }
}

}  // namespace

void set_log_level(LogLevel level) { threshold = static_cast<int>(level); }

void log(LogLevel level, std::string_view where, std::string_view message) {
  if (static_cast<int>(level) > threshold) return;
  std::string line = "<" + std::to_string(static_cast<int>(level)) + ">" + to_text(SystemClock().now()) + " ";
  append_escaped(line, where);
  line.append(": ");
  append_escaped(line, message);
  line.push_back('\n');
  // One write a line, so that lines of several threads never mix.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

void log(std::string_view where, const Error& error) {
  std::string text = error.what();
  if (!error.hint().empty()) text += " -> " + error.hint();
  const bool passing = error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::full;
  log(passing ? LogLevel::warning : LogLevel::error, where, text);
}

}  // namespace qianzhi
