// A text with places for values: "{title}，请在 {due} 前办理". A value is put in as it is and never read again, so what
// a row holds can neither name another place nor, in SQL or a shell, become anything but text. "{{" and "}}" are
// braces.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/yaml/reader.h"

namespace qianzhi::desk {

class TextTemplate {
 public:
  TextTemplate() = default;
  // Throws Error(misuse, QZ-DSK-100) for braces that do not fit together.
  explicit TextTemplate(std::string_view text);

  // A name without a value becomes an empty text.
  std::string render(const std::map<std::string, std::string>& values) const;
  // In the order they stand, each once.
  const std::vector<std::string>& names() const { return names_; }

 private:
  struct Part {
    std::string text;
    bool is_name = false;
  };
  std::vector<Part> parts_;
  std::vector<std::string> names_;
};

using TextTemplates = std::map<std::string, TextTemplate>;

// The map `fields`: name -> template. known: names that may stand in them; empty: any. A wrong one is a diagnostic.
TextTemplates read_templates(yaml::MapReader& reader, std::string_view key, const std::vector<std::string>& known);

std::map<std::string, std::string> render(const TextTemplates& templates,
                                          const std::map<std::string, std::string>& values);

}  // namespace qianzhi::desk
