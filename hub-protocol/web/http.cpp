#include "hub-protocol/web/http.h"

#include <algorithm>

namespace qianzhi::web {

namespace {

constexpr std::size_t most_fields = 100;

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

int hex_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i] == '+' && plus_is_space ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex_of(text[i + 1]) < 0 || hex_of(text[i + 2]) < 0) return std::nullopt;
    const int octet = hex_of(text[i + 1]) * 16 + hex_of(text[i + 2]);
    if (octet == 0) return std::nullopt;
    result += static_cast<char>(octet);
    i += 2;
  }
  return result;
}

std::string_view value_in(const Fields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

std::string_view Request::header(std::string_view name) const { return value_in(headers, name); }

std::string_view Request::parameter(std::string_view name) const { return value_in(query, name); }

std::string_view Request::cookie(std::string_view name) const {
  std::string_view all = header("cookie");
  while (!all.empty()) {
    const std::size_t end = std::min(all.find(';'), all.size());
    const std::string_view one = trimmed(all.substr(0, end));
    if (one.size() > name.size() && one.substr(0, name.size()) == name && one[name.size()] == '=')
      return one.substr(name.size() + 1);
    all.remove_prefix(std::min(end + 1, all.size()));
  }
  return {};
}

std::optional<Fields> form_from(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t mark = std::min(pair.find('='), pair.size());
    const auto name = decoded(pair.substr(0, mark), true);
    const auto value = decoded(pair.substr(std::min(mark + 1, pair.size())), true);
    if (!name || !value || fields.size() >= most_fields) return std::nullopt;
    if (!fields.emplace(*name, *value).second) return std::nullopt;
  }
  return fields;
}

std::optional<Request> request_from(std::string_view block) {
  Request request;
  const std::string_view start = block.substr(0, block.find("\r\n"));
  block.remove_prefix(std::min(start.size() + 2, block.size()));
  const std::size_t first = start.find(' ');
  const std::size_t second = start.find(' ', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  request.method = start.substr(0, first);
  const std::string_view target = start.substr(first + 1, second - first - 1);
  const std::size_t mark = std::min(target.find('?'), target.size());
  const auto path = decoded(target.substr(0, mark), false);
  const auto query = form_from(target.substr(std::min(mark + 1, target.size())));
  if (!path || !query || path->empty() || path->front() != '/') return std::nullopt;
  request.path = *path;
  request.query = *query;
  while (!block.empty()) {
    const std::string_view line = block.substr(0, block.find("\r\n"));
    block.remove_prefix(std::min(line.size() + 2, block.size()));
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string name = lower_case(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(std::min(colon + 1, line.size())));
    if (!request.headers.emplace(name, value).second && name != "accept-encoding") return std::nullopt;
  }
  return request;
}

std::string url_encoded(std::string_view text) {
  static constexpr std::string_view hex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    const auto octet = static_cast<unsigned char>(c);
    if (plain)
      result += c;
    else
      result.append(1, '%').append(1, hex[octet >> 4U]).append(1, hex[octet & 15U]);
  }
  return result;
}

bool names_own_host(std::string_view host, const std::vector<std::string>& names) {
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) host = host.substr(0, colon);
  if (host.empty()) return false;
  const bool is_v4 = host.find_first_not_of("0123456789.") == std::string_view::npos;
  const bool is_v6 = host.front() == '[' && host.back() == ']' &&
                     host.find_first_not_of("[]0123456789abcdefABCDEF:.") == std::string_view::npos;
  return is_v4 || is_v6 || host == "localhost" || std::find(names.begin(), names.end(), host) != names.end();
}

const char* reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    default: return "Internal Server Error";
  }
}

std::vector<std::pair<std::string_view, std::string_view>> standing_headers(const Reply& reply) {
  return {{"Cache-Control", reply.may_be_kept ? "private, max-age=86400" : "no-store"},
          {"X-Content-Type-Options", "nosniff"},
          // With no-referrer browsers would not say where a form comes from.
          {"Referrer-Policy", "same-origin"},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Cross-Origin-Resource-Policy", "same-origin"}};
}

Reply redirect_to(const std::string& path) { return {303, "text/plain; charset=utf-8", "", {{"Location", path}}}; }

}  // namespace qianzhi::web
