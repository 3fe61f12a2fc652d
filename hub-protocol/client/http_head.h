// The head of an HTTP/1.1 message, read from its raw octets, for both ends of our five calls. Strict on purpose: what
// we never send is refused, so that nothing can be read in two ways. RFC 2047 words are never decoded (pitfall 42).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/client/tls_stream.h"

namespace qianzhi {

inline constexpr std::size_t http_head_limit = 32U << 10U;
inline constexpr std::size_t http_field_limit = 64;

struct HttpHead {
  // A request: method, path, version. A reply: version, status, reason.
  std::string first;
  std::string second;
  std::string third;
  std::optional<std::uint64_t> content_length;
  bool transfer_encoding = false;  // any; we accept none
  bool close = false;
};

// block: everything before the empty line, its CRLF included. Nothing when it is malformed: a line without a colon, a
// bare LF, a folded line, an octet outside printable ASCII, an encoded word, a length that is repeated or no number.
std::optional<HttpHead> parse_head(std::string_view block);

enum class HeadOutcome { complete, too_large, broken };

// Octets that came and were not yet used; kept between the messages of one connection.
struct HttpInput {
  TlsStream& stream;
  std::string buffered;
  TlsResult last = TlsResult::ok;  // why a read ended when it was broken

  // Moves the next head out of the stream into block.
  HeadOutcome read_head(std::string& block, Micros deadline);
  // Exactly size octets, growing as they come, never ahead of them. False: see last.
  bool read_body(std::string& body, std::uint64_t size, Micros deadline);
  // Waits until at least one octet is there.
  bool wait(Micros deadline);

 private:
  bool more(std::size_t at_most, Micros deadline);
};

}  // namespace qianzhi
