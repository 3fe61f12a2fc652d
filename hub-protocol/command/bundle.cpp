#include "hub-protocol/command/bundle.h"

#include <Poco/Base64Encoder.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/RegularExpression.h>
#include <Poco/URI.h>
#include <Poco/Zip/Compress.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/command/terminal.h"

namespace qianzhi::command {

namespace {

constexpr std::size_t shortest_secret = 4;
constexpr std::size_t shortest_line = 8;

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

std::string base64(const std::string& octets) {
  std::ostringstream out;
  Poco::Base64Encoder encoder(out);
  encoder.rdbuf()->setLineLength(0);
  encoder << octets;
  encoder.close();
  return out.str();
}

// Base64 of a longer text holds it in one of three forms, by where it begins; their inner parts do not depend on what
// stands beside it.
std::vector<std::string> inner_base64(const std::string& octets) {
  std::vector<std::string> forms;
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string padded_text = std::string(before, 'x') + octets;
    std::string encoded = base64(padded_text.substr(0, padded_text.size() / 3 * 3));
    const std::size_t from = before == 0 ? 0 : 4;
    if (encoded.size() > from + 7) forms.push_back(encoded.substr(from));
  }
  return forms;
}

std::string wide(const std::string& octets, bool big_endian) {
  std::string text;
  for (const char c : octets) {
    if (big_endian) text += '\0';
    text += c;
    if (!big_endian) text += '\0';
  }
  return text;
}

std::vector<std::string> forms_of(const std::string& secret) {
  std::vector<std::string> forms = inner_base64(secret);
  std::string upper = to_hex(secret);
  forms.insert(forms.end(), {secret, upper, base64(secret), wide(secret, true), wide(secret, false)});
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
  forms.push_back(upper);
  std::string encoded;
  Poco::URI::encode(secret, "!#$&'()*+,/:;=?@[]%\"<>\\^`{|} ", encoded);
  forms.push_back(encoded);
  return forms;
}

}  // namespace

std::string redacted(const std::string& given) {
  using Poco::RegularExpression;
  constexpr int insensitive = RegularExpression::RE_CASELESS;
  struct Rule {
    const char* pattern;
    int options;
    const char* by;
  };
  static const std::vector<Rule> rules = {
      {"-----BEGIN [^-]*-----[^-]*(-----END [^-]*-----)?", RegularExpression::RE_DOTALL, "(secret: PEM)"},
      {"(://)[^/@\\s]+@", 0, "$1(secret)@"},
      {"((?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|authorization|cookie)[\"']?\\s*[=:]\\s*)"
       "(\"[^\"]*\"|'[^']*'|[^\\s{\"',}]+)",
       insensitive, "$1(secret)"},
      {"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/=_-]{32,}(?![A-Za-z0-9+/=_-])", 0, "(32+ characters)"}};
  std::string text = given;
  for (const Rule& rule : rules)
    RegularExpression(rule.pattern, rule.options).subst(text, rule.by, RegularExpression::RE_GLOBAL);
  return text;
}

Bundle::Bundle(const std::vector<std::string>& secrets) {
  const auto forbid = [this](const std::string& secret) {
    for (std::string& form : forms_of(secret))
      if (form.size() >= shortest_secret) forms_.push_back(std::move(form));
  };
  for (const std::string& secret : secrets) {
    if (secret.size() < shortest_secret) continue;
    forbid(secret);
    // A key in PEM may be quoted line by line; its first and last line say nothing.
    std::istringstream lines(secret);
    for (std::string line; secret.find('\n') != std::string::npos && std::getline(lines, line);)
      if (line.size() >= shortest_line && line.substr(0, 5) != "-----") forbid(line);
  }
  std::sort(forms_.begin(), forms_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string Bundle::without_secrets(std::string text) const {
  for (const std::string& form : forms_) replace_all(text, form, "(secret)");
  return redacted(text);
}

void Bundle::add(const std::string& name, const std::string& text, const std::function<std::string()>& make) {
  std::string content;
  try {
    content = make();
  } catch (const Error& error) {
    content = "(" + error.code() + ": " + error.detail() + ")\n";
  }
  parts_.push_back({name, text, without_secrets(std::move(content))});
}

std::string Bundle::listed(Language language, bool json, const std::filesystem::path& file) const {
  Poco::JSON::Array array;
  std::string text = chosen("支持包的内容（不含密钥、口令和数据行）",
                            "what the support bundle holds (no keys, passwords or rows)", language) +
                     ":\n";
  for (const Part& part : parts_) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("name", part.name);
    object.set("text_zh", in_language(part.text, Language::zh));
    object.set("text_en", in_language(part.text, Language::en));
    object.set("octets", part.content.size());
    array.add(object);
    text += "  " + padded(part.name, 22) + padded(std::to_string(part.content.size()) + " B", 12) +
            in_language(part.text, language) + "\n";
  }
  if (!json)
    return text +
           (file.empty()
                ? chosen("没有写文件；用 --out FILE 写出", "nothing was written; --out FILE writes it", language)
                : chosen("写入", "written to", language) + ": " + file.string()) +
           "\n";
  Poco::JSON::Object all(Poco::JSON_PRESERVE_KEY_ORDER);
  all.set("file", file.string());
  all.set("parts", array);
  std::ostringstream out;
  all.stringify(out);
  return out.str() + "\n";
}

void Bundle::write(const std::filesystem::path& file) const {
  std::ostringstream zip;
  Poco::Zip::Compress compress(zip, false);
  for (const Part& part : parts_) {
    std::istringstream content(part.content);
    compress.addFile(content, Poco::DateTime(), Poco::Path(part.name, Poco::Path::PATH_UNIX));
  }
  compress.close();
  const std::string octets = zip.str();
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const bool is_written =
      descriptor >= 0 && ::write(descriptor, octets.data(), octets.size()) == static_cast<ssize_t>(octets.size());
  if (descriptor >= 0) close(descriptor);
  if (!is_written) throw Error(ErrorKind::misuse, "QZ-CLI-060", file.string());
}

int finish(const Bundle& bundle, const std::filesystem::path& file, Language language, bool json) {
  if (!file.empty()) bundle.write(file);
  std::fputs(bundle.listed(language, json, file).c_str(), stdout);
  return 0;
}

}  // namespace qianzhi::command
