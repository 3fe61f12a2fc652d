// Text in the character set of its column, as the binary log and our read sessions give it, to UTF-8. Strict: what does
// not map is not text (P17, P32).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace qianzhi::mysql {

inline constexpr unsigned binary_collation = 63;

// UTF-8 without NUL, surrogates, overlong forms or what is beyond Unicode.
bool is_text(std::string_view octets);

// Collation number to the name of its character set, as this server has them.
using CharsetNames = std::map<unsigned, std::string>;

class Charsets {
 public:
  Charsets();
  ~Charsets();
  Charsets(const Charsets&) = delete;
  Charsets& operator=(const Charsets&) = delete;

  void set_names(CharsetNames names) { names_ = std::move(names); }
  // True if octets of this collation can be read at all.
  bool is_known(unsigned collation) const;
  // Some collation of this character set; 0: there is none.
  unsigned collation_of(std::string_view charset) const;
  bool is_binary(unsigned collation) const { return collation == binary_collation; }
  // UTF-8, or nothing if the octets are no text of that collation. The view is good until the next call, or as long as
  // octets are.
  std::optional<std::string_view> to_utf8(unsigned collation, std::string_view octets);

 private:
  class Converter;
  std::string_view name_of(unsigned collation) const;
  std::optional<std::string_view> from_latin1(std::string_view octets);

  CharsetNames names_;
  std::map<std::string, std::unique_ptr<Converter>, std::less<>> converters_;
  std::string text_;
};

}  // namespace qianzhi::mysql
