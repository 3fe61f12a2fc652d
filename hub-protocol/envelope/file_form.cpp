#include "hub-protocol/envelope/file_form.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

#include "hub-protocol/base/error.h"

namespace qianzhi {

namespace {

constexpr std::string_view magic = "QZFILE1\n";
constexpr std::string_view prefix = "qz1-";
constexpr std::string_view request_end = "-request.qz";
constexpr std::string_view reply_end = "-reply.qz";
constexpr std::size_t conversation_digits = 32;
constexpr std::size_t number_digits = 12;
constexpr std::size_t length_octets = 8;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool is_agent(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

// From the right, as an agent's id may hold "-" itself. The last `digits` characters, after a "-".
std::optional<std::string_view> take_last(std::string_view& text, std::size_t digits, std::string_view allowed) {
  if (text.size() < digits + 2) return std::nullopt;
  const std::string_view last = text.substr(text.size() - digits);
  if (text[text.size() - digits - 1] != '-' || last.find_first_not_of(allowed) != std::string_view::npos)
    return std::nullopt;
  text.remove_suffix(digits + 1);
  return last;
}

}  // namespace

std::string to_text(const FileName& name) {
  std::string digits = std::to_string(name.number);
  digits.insert(0, number_digits - std::min(number_digits, digits.size()), '0');
  return std::string(prefix) + name.agent + "-" + name.conversation + "-" + digits +
         std::string(name.is_reply ? reply_end : request_end);
}

std::optional<FileName> parse_file_name(std::string_view text) {
  FileName name;
  name.is_reply = ends_with(text, reply_end);
  if (!name.is_reply && !ends_with(text, request_end)) return std::nullopt;
  text.remove_suffix((name.is_reply ? reply_end : request_end).size());
  if (text.substr(0, prefix.size()) != prefix) return std::nullopt;
  text.remove_prefix(prefix.size());
  const auto digits = take_last(text, number_digits, "0123456789");
  if (!digits) return std::nullopt;
  std::from_chars(digits->data(), digits->data() + digits->size(), name.number);
  const auto conversation = take_last(text, conversation_digits, "0123456789abcdef");
  if (!conversation || name.number == 0 || !is_agent(text)) return std::nullopt;
  name.conversation = *conversation;
  name.agent = text;
  return name;
}

Digest sha256_of(std::string_view octets) {
  Digest digest;
  unsigned int size = Digest::size;
  const int done = EVP_Digest(octets.data(), octets.size(), digest.octets.data(), &size, EVP_sha256(), nullptr);
  QZ_ASSERT(done == 1);
  return digest;
}

Bytes framed(std::string_view body) {
  Bytes file(magic);
  for (std::size_t i = length_octets; i-- > 0;) file.push_back(static_cast<char>(body.size() >> (8 * i) & 0xFFU));
  const Digest digest = sha256_of(body);
  file.append(digest.octets.begin(), digest.octets.end());
  return file.append(body);
}

std::optional<std::string_view> unframed(std::string_view octets) {
  if (octets.size() < frame_head || octets.substr(0, magic.size()) != magic) return std::nullopt;
  std::uint64_t size = 0;
  for (const char octet : octets.substr(magic.size(), length_octets))
    size = size << 8U | static_cast<unsigned char>(octet);
  const std::string_view body = octets.substr(frame_head);
  if (body.size() != size) return std::nullopt;
  // A file may have its full size before it has its contents.
  const Digest digest = sha256_of(body);
  const std::string_view said = octets.substr(magic.size() + length_octets, Digest::size);
  const bool same = std::equal(said.begin(), said.end(), digest.octets.begin(),
                               [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
  return same ? std::optional(body) : std::nullopt;
}

}  // namespace qianzhi
