#include "adapters/odbc/settings.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "adapters/odbc/session.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

[[noreturn]] void refuse_settings(std::string_view why) { throw Error(ErrorKind::misuse, "QZ-ADP-010", why); }

// KEY=value;KEY={value with ; and }}};
std::map<std::string, std::string> keywords_of(std::string_view text) {
  std::map<std::string, std::string> keywords;
  while (!text.empty()) {
    if (text.front() == ';' || text.front() == ' ') {
      text.remove_prefix(1);
      continue;
    }
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) refuse_settings("the connection string is not KEYWORD=value;KEYWORD=value");
    const std::string key = lower(text.substr(0, equals));
    text.remove_prefix(equals + 1);
    std::size_t end = text.find(';');
    if (!text.empty() && text.front() == '{') {
      std::size_t close = text.find('}');
      while (close != std::string_view::npos && text.substr(close + 1, 1) == "}") close = text.find('}', close + 2);
      if (close == std::string_view::npos) refuse_settings("a brace in the connection string is not closed");
      end = text.find(';', close);
    }
    keywords.emplace(key, text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  }
  return keywords;
}

std::string option(const adapter::Connection& connection, const std::string& name) {
  const auto found = connection.options.find(name);
  return found == connection.options.end() ? std::string() : found->second;
}

std::string braced(std::string_view value) {
  std::string text = "{";
  for (const char c : value) text.append(c == '}' ? 2 : 1, c);
  return text + "}";
}

}  // namespace

std::string keyword_of(const std::string& text, std::string_view keyword) {
  const auto keywords = keywords_of(text);
  const auto found = keywords.find(lower(keyword));
  return found == keywords.end() ? std::string() : found->second;
}

std::string connection_text(const adapter::Connection& connection, const Dialect& dialect) {
  const std::string dsn = option(connection, "dsn");
  std::string text = option(connection, "connect");
  if (dsn.empty() == text.empty()) refuse_settings("a connection needs either connect or dsn");
  if (!dsn.empty()) text = "DSN=" + dsn;
  const auto given = keywords_of(text);
  for (const char* secret : {"pwd", "password"})
    if (given.count(secret) != 0) refuse_settings("a password must not stand in the connection string");
  while (!text.empty() && (text.back() == ';' || text.back() == ' ')) text.pop_back();
  for (const auto& [key, value] : keywords_of(dialect.connect))
    if (given.count(key) == 0) text += ";" + key + "=" + value;
  const std::string user = option(connection, "user");
  if (!user.empty() && given.count("uid") == 0) text += ";UID=" + braced(user);
  const auto password = connection.secrets.find("password");
  if (password != connection.secrets.end()) text += ";PWD=" + braced(password->second);
  return text;
}

const Dialect& dialect_of(const adapter::Connection& connection) {
  return dialect_of(std::string_view(option(connection, "dialect")));
}

std::string user_of(const adapter::Connection& connection) {
  if (std::string user = option(connection, "user"); !user.empty()) return user;
  const std::string text = option(connection, "connect");
  return text.empty() ? std::string() : keyword_of(text, "uid");
}

}  // namespace qianzhi::odbc
