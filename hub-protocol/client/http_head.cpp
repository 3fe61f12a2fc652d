#include "hub-protocol/client/http_head.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace qianzhi {

namespace {

constexpr std::string_view line_end = "\r\n";

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool take_field(std::string_view line, HttpHead& head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
  const std::string name = lower(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!is_printable(value) || value.find("=?") != std::string_view::npos) return false;
  if (name == "content-length") {
    std::uint64_t length = 0;
    const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (head.content_length || fault != std::errc() || end != value.data() + value.size()) return false;
    head.content_length = length;
  }
  if (name == "transfer-encoding") head.transfer_encoding = true;
  if (name == "connection" && lower(value) == "close") head.close = true;
  return true;
}

bool take_start(std::string_view line, HttpHead& head) {
  const std::size_t one = line.find(' ');
  const std::size_t two = one == std::string_view::npos ? one : line.find(' ', one + 1);
  if (two == std::string_view::npos || !is_printable(line)) return false;
  head.first = line.substr(0, one);
  head.second = line.substr(one + 1, two - one - 1);
  head.third = line.substr(two + 1);
  return !head.first.empty() && !head.second.empty() && !head.third.empty();
}

}  // namespace

std::optional<HttpHead> parse_head(std::string_view block) {
  HttpHead head;
  for (std::size_t count = 0; !block.empty(); ++count) {
    const std::size_t end = block.find(line_end);
    if (end == std::string_view::npos || count > http_field_limit) return std::nullopt;
    const std::string_view line = block.substr(0, end);
    if (!(count == 0 ? take_start(line, head) : take_field(line, head))) return std::nullopt;
    block.remove_prefix(end + line_end.size());
  }
  if (head.first.empty()) return std::nullopt;
  return head;
}

bool HttpInput::more(std::size_t at_most, Micros deadline) {
  std::array<char, 16384> piece{};
  std::size_t got = 0;
  last = stream.read(piece.data(), std::min(at_most, piece.size()), got, deadline);
  buffered.append(piece.data(), got);
  return last == TlsResult::ok;
}

bool HttpInput::wait(Micros deadline) { return !buffered.empty() || more(http_head_limit, deadline); }

HeadOutcome HttpInput::read_head(std::string& block, Micros deadline) {
  constexpr std::string_view blank = "\r\n\r\n";
  std::size_t searched = 0;
  for (;;) {
    const std::size_t end = buffered.find(blank, searched);
    if (end != std::string::npos) {
      block = buffered.substr(0, end + line_end.size());
      buffered.erase(0, end + blank.size());
      return HeadOutcome::complete;
    }
    if (buffered.size() >= http_head_limit) return HeadOutcome::too_large;
    searched = buffered.size() < blank.size() ? 0 : buffered.size() - blank.size() + 1;
    if (!more(http_head_limit - buffered.size(), deadline)) return HeadOutcome::broken;
  }
}

bool HttpInput::read_body(std::string& body, std::uint64_t size, Micros deadline) {
  constexpr std::uint64_t step = 256U << 10U;
  body = buffered.substr(0, std::min<std::uint64_t>(size, buffered.size()));
  buffered.erase(0, body.size());
  while (body.size() < size) {
    const std::size_t have = body.size();
    body.resize(have + std::min<std::uint64_t>(step, size - have));
    std::size_t got = 0;
    last = stream.read(body.data() + have, body.size() - have, got, deadline);
    body.resize(have + got);
    if (last != TlsResult::ok) return false;
  }
  return true;
}

}  // namespace qianzhi
