// One request to the lookup page or interface and its reply, as values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qianzhi::desk::lookup {

using Fields = std::map<std::string, std::string, std::less<>>;

struct Request {
  std::string method;
  std::string path;
  Fields query;
  std::string host;
  std::string origin;
  std::string authorization;
  std::string cookie;
  std::string type;  // of the body
  std::string body;
};

struct Reply {
  int status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// application/x-www-form-urlencoded. Nothing for broken escapes, more than 20 fields, or a name that comes twice.
std::optional<Fields> form_from(std::string_view text);

// A JSON object of texts. Nothing if it is anything else.
std::optional<Fields> json_from(const std::string& text);

// Of a Cookie header; empty: it is not there.
std::string cookie_in(std::string_view header, std::string_view name);

}  // namespace qianzhi::desk::lookup
