// Strict conversion between the encoding of a file and UTF-8. What cannot be converted is never replaced by
// something near (pitfall 32). One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/files/format.h"

namespace qianzhi::adapter::files {

class Converter {
 public:
  // Throws Error(misuse, QZ-FIL-002) if this system's iconv does not know the encoding.
  static Converter to_utf8(Encoding from);
  static Converter from_utf8(Encoding to);
  ~Converter();
  Converter(Converter&& other) noexcept;
  Converter& operator=(Converter&&) = delete;

  // Nothing if a part is not of the encoding, ends within a character, or holds NUL. The result is good until the next
  // call.
  std::optional<std::string_view> convert(std::string_view text);

 private:
  Converter(Encoding other, const char* to, const char* from);
  void* state_ = nullptr;  // iconv_t; none: both are UTF-8
  std::string buffer_;
};

// Octets of the character that begins at text[at], for finding the ends of fields: in GB18030 later octets of a
// character may look like a delimiter. Octets that begin no character count as one.
std::size_t character_length(Encoding encoding, std::string_view text, std::size_t at);

}  // namespace qianzhi::adapter::files
