#include "agent/desk/outlets/text_template.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

bool is_name_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; }

[[noreturn]] void bad_template(std::string_view text) {
  throw Error(ErrorKind::misuse, "QZ-DSK-100", "braces do not fit together: " + std::string(text));
}

}  // namespace

TextTemplate::TextTemplate(std::string_view text) {
  std::string plain;
  const auto end_plain = [&] {
    if (!plain.empty()) parts_.push_back({plain, false});
    plain.clear();
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool doubled = at + 1 < text.size() && text[at + 1] == text[at];
    if ((text[at] == '{' || text[at] == '}') && doubled) {
      plain += text[at++];
    } else if (text[at] == '{') {
      const std::size_t close = text.find('}', at);
      const std::string name(text.substr(at + 1, close == std::string_view::npos ? 0 : close - at - 1));
      if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_character)) bad_template(text);
      end_plain();
      parts_.push_back({name, true});
      if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(name);
      at = close;
    } else if (text[at] == '}') {
      bad_template(text);
    } else {
      plain += text[at];
    }
  }
  end_plain();
}

std::string TextTemplate::render(const std::map<std::string, std::string>& values) const {
  std::string text;
  for (const Part& part : parts_) {
    if (!part.is_name) {
      text += part.text;
    } else if (const auto found = values.find(part.text); found != values.end()) {
      text += found->second;
    }
  }
  return text;
}

TextTemplates read_templates(yaml::MapReader& reader, std::string_view key, const std::vector<std::string>& known) {
  TextTemplates templates;
  const yaml::Node* node = reader.find(key);
  if (node == nullptr) return templates;
  if (!node->is_map()) {
    yaml::complain_kind(*node, reader.path_of(key), "map", reader.diagnostics());
    return templates;
  }
  for (const yaml::Entry& entry : node->entries) {
    const std::string path = reader.path_of(key) + "." + entry.key;
    if (!entry.value.is_scalar()) {
      yaml::complain_kind(entry.value, path, "text", reader.diagnostics());
      continue;
    }
    try {
      const TextTemplate text(entry.value.text);
      for (const std::string& name : text.names())
        if (!known.empty() && std::find(known.begin(), known.end(), name) == known.end())
          yaml::complain_form(entry.value, path, "{" + name + "} 不是这里可用的名字",
                              "names that are known here; {" + name + "} is none", reader.diagnostics());
      templates[entry.key] = text;
    } catch (const Error&) {
      yaml::complain_form(entry.value, path, "成对的花括号，例如 {title}；花括号本身写成 {{ 和 }}",
                          "braces in pairs such as {title}; a brace itself is written {{ or }}", reader.diagnostics());
    }
  }
  return templates;
}

std::map<std::string, std::string> render(const TextTemplates& templates,
                                          const std::map<std::string, std::string>& values) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, text] : templates) texts[name] = text.render(values);
  return texts;
}

}  // namespace qianzhi::desk
