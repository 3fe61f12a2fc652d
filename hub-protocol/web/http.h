// One HTTP request to a page or interface of ours and its reply, as values, and what all replies say to browsers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qianzhi::web {

using Fields = std::map<std::string, std::string, std::less<>>;

struct Request {
  std::string method;
  std::string path;  // decoded; begins with '/'
  Fields query;      // decoded
  Fields headers;    // names in lower case
  std::string body;
  std::string address;  // of the caller

  std::string_view header(std::string_view name) const;
  std::string_view parameter(std::string_view name) const;  // of the query
  std::string_view cookie(std::string_view name) const;
};

struct Reply {
  int status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
  bool may_be_kept = false;  // by the browser, for a day
};

// block: as HttpInput::read_head() gives it and parse_head() accepts it. Nothing if a header that we rely on comes
// twice, or the target is no path of ours.
std::optional<Request> request_from(std::string_view block);

// application/x-www-form-urlencoded, also that of a query. Nothing for broken escapes, a
// zero octet, a name that comes twice, or more than 100 fields.
std::optional<Fields> form_from(std::string_view text);
std::string url_encoded(std::string_view text);

// The Host header is a literal address, which nobody can point elsewhere, "localhost", or one of these names. Against
// rebinding.
bool names_own_host(std::string_view host, const std::vector<std::string>& names);

const char* reason_of(int status);

// Content-Security-Policy of pages without scripts, and of those that have scripts and fetch from the listener alone.
inline constexpr const char* text_policy =
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
inline constexpr const char* script_policy =
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

// What every reply carries beside its type, its length and its policy.
std::vector<std::pair<std::string_view, std::string_view>> standing_headers(const Reply& reply);

// 303: look there with GET.
Reply redirect_to(const std::string& path);

}  // namespace qianzhi::web
