#include "adapters/files/encoding.h"

#include <iconv.h>

#include <algorithm>
#include <utility>

#include "adapters/sqlite/value.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::files {

namespace {

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
}

bool is_between(std::string_view text, std::size_t at, unsigned least, unsigned most) {
  if (at >= text.size()) return false;
  const auto octet = static_cast<unsigned char>(text[at]);
  return octet >= least && octet <= most;
}

}  // namespace

Converter::Converter(Encoding other, const char* to, const char* from) {
  if (other == Encoding::utf8) return;
  state_ = iconv_open(to, from);
  if (state_ != reinterpret_cast<void*>(-1)) return;  // NOLINT: so says iconv
  state_ = nullptr;
  throw Error(ErrorKind::misuse, "QZ-FIL-002", std::string("this system cannot convert from ") + from + " to " + to,
              "install the package libc-bin");
}

Converter Converter::to_utf8(Encoding from) { return {from, "UTF-8", "GB18030"}; }
Converter Converter::from_utf8(Encoding to) { return {to, "GB18030", "UTF-8"}; }

Converter::Converter(Converter&& other) noexcept
    : state_(std::exchange(other.state_, nullptr)), buffer_(std::move(other.buffer_)) {}

Converter::~Converter() {
  if (state_ != nullptr) iconv_close(state_);
}

std::optional<std::string_view> Converter::convert(std::string_view text) {
  if (is_plain(text)) return text;
  if (state_ == nullptr) return lite::is_clean_text(text) ? std::optional(text) : std::nullopt;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  // No character of either grows to more than three octets for each one it had.
  buffer_.resize(text.size() * 3 + 4);
  char* in = const_cast<char*>(text.data());  // iconv does not write there
  std::size_t in_left = text.size();
  char* out = buffer_.data();
  std::size_t out_left = buffer_.size();
  iconv(state_, nullptr, nullptr, nullptr, nullptr);
  const std::size_t irreversible = iconv(state_, &in, &in_left, &out, &out_left);
  if (irreversible != 0 || in_left != 0) return std::nullopt;
  return std::string_view(buffer_.data(), buffer_.size() - out_left);
}

std::size_t character_length(Encoding encoding, std::string_view text, std::size_t at) {
  if (encoding == Encoding::utf8 || !is_between(text, at, 0x81, 0xFE)) return 1;
  if (is_between(text, at + 1, 0x40, 0x7E) || is_between(text, at + 1, 0x80, 0xFE)) return 2;
  const bool four = is_between(text, at + 1, 0x30, 0x39) && is_between(text, at + 2, 0x81, 0xFE) &&
                    is_between(text, at + 3, 0x30, 0x39);
  return four ? 4 : 1;
}

}  // namespace qianzhi::adapter::files
