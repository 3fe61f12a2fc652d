// One request of the administration interface and its reply, as values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qianzhi::admin {

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

// application/x-www-form-urlencoded, also that of a query. A name that comes twice has its last value. Nothing for
// broken escapes, or more than 100 fields.
std::optional<Fields> form_from(std::string_view text);
std::string url_encoded(std::string_view text);

const char* reason_of(int status);

// 303: look there with GET.
Reply redirect_to(const std::string& path);

}  // namespace qianzhi::admin
