#include "hub-protocol/base/error.h"

#include <cstdio>
#include <cstdlib>

namespace qianzhi {

namespace {

std::string sentence(std::string_view code, std::string_view detail) {
  std::string text(code);
  if (!detail.empty()) text.append(": ").append(detail);
  return text;
}

}  // namespace

Error::Error(ErrorKind kind, std::string_view code, std::string_view detail, std::string_view hint)
    : std::runtime_error(sentence(code, detail)), kind_(kind), code_(code), detail_(detail), hint_(hint) {}

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::unavailable: return "unavailable";
    case ErrorKind::rejected: return "rejected";
    case ErrorKind::corrupt: return "corrupt";
    case ErrorKind::full: return "full";
    case ErrorKind::misuse: return "misuse";
  }
  return "misuse";
}

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "assertion failed: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace qianzhi
