// The support bundle: a ZIP of plain texts for whoever helps, without secrets and row data. What goes in is listed
// first; nothing is written unless a file is named.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "hub-protocol/command/language.h"

namespace qianzhi::command {

// Takes out what looks like a secret: PEM blocks, values behind names such as password, token or secret, user
// information in URLs, and runs of 32 or more letters and digits. Names of files and {file: ...} references stay.
std::string redacted(const std::string& text);

class Bundle {
 public:
  // secrets: what must not be in it in any form, however it got there (as it is, in hexadecimal, Base64 or URL
  // encoding, or UTF-16), whole or, of several lines, each of them; shorter than four octets: not looked for.
  explicit Bundle(const std::vector<std::string>& secrets);

  // name: of the file in the bundle. What make throws is told in its place by code.
  void add(const std::string& name, const std::string& text, const std::function<std::string()>& make);

  struct Part {
    std::string name;
    std::string text;     // "中文 / English": what it is
    std::string content;  // redacted
  };
  const std::vector<Part>& parts() const { return parts_; }
  // What it holds; with json {"file":...,"parts":[{"name","text_zh","text_en","octets"}]}.
  std::string listed(Language language, bool json, const std::filesystem::path& file) const;
  // A new file, mode 0600. Throws Error(misuse, QZ-CLI-060) if it is there or cannot be written.
  void write(const std::filesystem::path& file) const;

 private:
  std::string without_secrets(std::string text) const;

  std::vector<std::string> forms_;  // of all secrets, longest first
  std::vector<Part> parts_;
};

// Lists it, and writes it if a file is named. Returns the exit status.
int finish(const Bundle& bundle, const std::filesystem::path& file, Language language, bool json);

}  // namespace qianzhi::command
