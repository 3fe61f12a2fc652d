#include "hub-protocol/command/table.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "hub-protocol/command/language.h"

namespace qianzhi::command {

namespace {

// CLI11 writes them as "TEXT:{a,b}".
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> choices;
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return choices;
  for (std::size_t at = open + 1; at < close;) {
    const std::size_t end = std::min(type.find(',', at), close);
    choices.push_back(type.substr(at, end - at));
    at = end + 1;
  }
  return choices;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    if (c == '-' || c == '_') return '_';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

OptionInfo info_of(const CLI::Option& option) {
  OptionInfo info;
  for (const std::string& name : option.get_snames()) info.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) info.names.push_back("--" + name);
  info.text = option.get_description();
  info.is_required = option.get_required();
  info.repeats = option.get_items_expected_max() > 1;
  if (option.get_items_expected_max() == 0) return info;
  const std::string type = option.get_type_name();
  info.choices = choices_in(type);
  const std::string plain = type.substr(0, type.find(':'));
  const bool is_named = plain == "FILE" || plain == "DIR";
  if (option.get_positional())
    info.word = is_named ? plain : upper(option.get_single_name());
  else
    info.word = plain == "UINT" || plain == "INT" ? "N" : plain.empty() ? "TEXT" : plain;
  info.standard = option.get_default_str();
  if (info.standard.find_first_not_of("[]\"") == std::string::npos) info.standard.clear();
  return info;
}

void set_text(Poco::JSON::Object& object, const std::string& text) {
  object.set("text_zh", in_language(text, Language::zh));
  object.set("text_en", in_language(text, Language::en));
}

Poco::JSON::Array array_of(const std::vector<std::string>& texts) {
  Poco::JSON::Array array;
  for (const std::string& text : texts) array.add(text);
  return array;
}

Poco::JSON::Array array_of(const std::vector<OptionInfo>& options) {
  Poco::JSON::Array array;
  for (const OptionInfo& option : options) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("names", array_of(option.names));
    object.set("word", option.word);
    object.set("choices", array_of(option.choices));
    set_text(object, option.text);
    object.set("standard", option.standard);
    object.set("required", option.is_required);
    object.set("repeats", option.repeats);
    array.add(object);
  }
  return array;
}

Poco::JSON::Object object_of(const VerbInfo& verb) {
  Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("path", verb.path);
  set_text(object, verb.text);
  object.set("options", array_of(verb.options));
  object.set("words", array_of(verb.words));
  Poco::JSON::Array verbs;
  for (const VerbInfo& below : verb.verbs) verbs.add(object_of(below));
  object.set("verbs", verbs);
  return object;
}

}  // namespace

VerbInfo table_of(const CLI::App& app, const std::string& path, const ExamplesOf& examples) {
  VerbInfo verb;
  verb.path = path;
  verb.text = app.get_description();
  verb.examples = examples(app);
  for (const CLI::Option* option : app.get_options()) {
    if (option == app.get_help_ptr() && app.get_parent() != nullptr) continue;
    OptionInfo info = info_of(*option);
    (info.names.empty() ? verb.words : verb.options).push_back(std::move(info));
  }
  // What stands at the top is open to every verb; one that repeats it for itself says nothing new.
  for (const CLI::App* above = app.get_parent(); above != nullptr; above = above->get_parent())
    verb.options.erase(
        std::remove_if(verb.options.begin(), verb.options.end(),
                       [&](const OptionInfo& one) { return above->get_option_no_throw(one.names.back()) != nullptr; }),
        verb.options.end());
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!sub->get_group().empty()) verb.verbs.push_back(table_of(*sub, path + " " + sub->get_name(), examples));
  return verb;
}

std::string json_of(const VerbInfo& verb) {
  std::ostringstream out;
  object_of(verb).stringify(out);
  return out.str() + "\n";
}

void each_verb(const VerbInfo& top, const std::function<void(const VerbInfo&)>& visit) {
  visit(top);
  for (const VerbInfo& verb : top.verbs) each_verb(verb, visit);
}

}  // namespace qianzhi::command
