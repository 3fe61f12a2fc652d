// The one exception type of Qianzhi. Its kind says what the caller must do; nobody decides by its text.
// Thrown where the fault is found; caught only by the pump, a request handler, the adapter boundary and main.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace qianzhi {

enum class ErrorKind {
  unavailable,  // the other side or a resource is not there now: repeat later, the same way
  rejected,     // this item is bad and will stay bad: set it aside, go on with the others
  corrupt,      // what was signed, stored or chained does not hold: halt this stream, keep the evidence
  full,         // a limit is reached: pause, and continue by yourself when there is room
  misuse,       // configuration, programming or installation is wrong: refuse to start or to do it
};

class Error : public std::runtime_error {
 public:
  // code: "QZ-AREA-NNN", listed in hub-protocol/base/codes/*.def. detail: what was seen, without secrets
  // or row values. hint: the next step if it is more specific than the one in the code table.
  Error(ErrorKind kind, std::string_view code, std::string_view detail, std::string_view hint = {});

  ErrorKind kind() const { return kind_; }
  const std::string& code() const { return code_; }
  const std::string& detail() const { return detail_; }
  const std::string& hint() const { return hint_; }

 private:
  ErrorKind kind_;
  std::string code_;
  std::string detail_;
  std::string hint_;
};

std::string_view name_of(ErrorKind kind);

// Aborts the process with file and line when an invariant of our own code is broken, also in release builds.
// Never reachable from outside data.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace qianzhi

#define QZ_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::qianzhi::assertion_failed(#expression, __FILE__, __LINE__))
